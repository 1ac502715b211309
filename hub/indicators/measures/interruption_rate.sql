/*
title      = "Employee pension: enrolled who stopped paying (中断缴费率)"
unit       = "%"
numerator   = { zh = "连续中断缴费达到规定月数的人数", counts = "persons" }
denominator = { zh = "企业职工基本养老保险在职参保人数（参保缴费和暂停缴费）", counts = "persons" }
insurances = ["employee_pension"]
group      = "employee_pension_payment"
basis      = ["乌海政发〔2020〕17号 三、四(五)2", "荣政办发〔2024〕3号 措施3"]
needs      = ["human_resources/enrollment", "human_resources/contribution", "human_resources/benefit"]
parameters = ["collection_lag_months", "interruption_months"]

[[months]]
delivery = "human_resources/contribution"
first    = ":period - make_interval(months => :collection_lag_months + :interruption_months - 1)"
last     = ":period - make_interval(months => :collection_lag_months)"

[explanation]
zh = "企业职工养老在职参保人员中，截至成熟月份在所有单位连续规定月数没有任何一个月费款到账的比例；参保不满规定月数的不计入。与上年同月比较。"
en = "Of those enrolled in the employee pension, not retired, and for that long, the share without a contribution that arrived, at any employer, for so many months in a row up to the last complete one. Compared with the same month of last year."

[[example]]
why     = "six months without a contribution from April to September; one paid for July is none; who came in May is too new"
today   = 2026-10-31
period  = 2026-10-01
employer = [{ employer = "Shop", area = "371082100" }]
enrollment = [
  { person = "Stopped", employer = "Shop", starts_on = 2020-01-01, state = "suspended" },
  { person = "Paid once", employer = "Shop", starts_on = 2020-01-01 },
  { person = "New", employer = "Shop", starts_on = 2026-05-01 },
  { person = "Drawing", employer = "Shop", starts_on = 2000-01-01, state = "suspended" },
]
benefit = [{ person = "Drawing", starts_on = 2026-01-01 }]
contribution = [
  { person = "Stopped", employer = "Shop", month = 2026-03-01 },
  { person = "Paid once", employer = "Mill", month = 2026-07-01 },
]
gives   = [{ area = "371082100", insurance = "employee_pension", numerator = 1, denominator = 2 }]
*/
select staff.area, 'employee_pension' as insurance,
       count(*) filter (where paid.person_key is null) as numerator, count(*) as denominator
from (
    select enrollment.person_key, min(coalesce(employer.area, person.area)) as area
    from enrollment
    left join employer on employer.employer_key = enrollment.employer_key
    left join person on person.person_key = enrollment.person_key
    where enrollment.insurance = 'employee_pension' and enrollment.state in ('active', 'suspended')
      and starts_with(coalesce(enrollment.region, :region), regexp_replace(:region, '(00)+$', ''))
      and enrollment.starts_on
          <= :period - make_interval(months => :collection_lag_months + :interruption_months - 1)
      and enrollment.ends_on > :period - make_interval(months => :collection_lag_months)
    group by enrollment.person_key
) as staff
left join pensioner on pensioner.person_key = staff.person_key
left join retiree on retiree.person_key = staff.person_key
left join (
    select distinct person_key from pension_month
    where paid
      and month > :period - make_interval(months => :collection_lag_months + :interruption_months)
      and month <= :period - make_interval(months => :collection_lag_months)
) as paid on paid.person_key = staff.person_key
where pensioner.person_key is null and retiree.person_key is null
group by staff.area
