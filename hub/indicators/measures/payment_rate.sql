/*
title      = "Employee pension: enrolled who paid (参保缴费率)"
unit       = "%"
numerator   = { zh = "征缴数据成熟月份已足额到账的人数", counts = "persons" }
denominator = { zh = "企业职工基本养老保险在职参保人数（参保缴费和暂停缴费）", counts = "persons" }
insurances = ["employee_pension"]
group      = "employee_pension_payment"
basis      = ["盐城市社会保险扩面征缴三年提升行动计划（2022—2024年） 二"]
needs      = ["human_resources/enrollment", "human_resources/contribution", "human_resources/benefit"]
parameters = ["collection_lag_months"]

[[months]]
delivery = "human_resources/contribution"
first    = ":period - make_interval(months => :collection_lag_months)"
last     = ":period - make_interval(months => :collection_lag_months)"

[explanation]
zh = "企业职工养老在职参保人员（不含离退休）中，对应费款所属期为成熟月份（统计月减征缴滞后月数）的费款已到账的比例。按参保单位所在地区，无单位的按户籍所在地区。"
en = "Of those enrolled in the employee pension and not retired, the share whose contribution for the last month that is complete (the month measured less the months by which contributions come late) has arrived; by the employer's area, or one's own."

[[example]]
why     = "paid for September by any employer, in arrears, not paid at all; who retired does not count"
today   = 2026-10-31
period  = 2026-10-01
employer = [{ employer = "Shop", area = "371082100" }]
enrollment = [
  { person = "Paid", employer = "Shop", starts_on = 2020-01-01 },
  { person = "In arrears", employer = "Shop", starts_on = 2020-01-01 },
  { person = "Suspended", employer = "Shop", starts_on = 2020-01-01, state = "suspended" },
  { person = "Retired", employer = "Shop", starts_on = 2000-01-01, state = "retired" },
  { person = "New", employer = "Shop", starts_on = 2026-10-01 },
]
contribution = [
  { person = "Paid", employer = "Mill", month = 2026-09-01 },
  { person = "In arrears", employer = "Shop", month = 2026-09-01, paid = false },
]
gives   = [{ area = "371082100", insurance = "employee_pension", numerator = 1, denominator = 3 }]
*/
select staff.area, 'employee_pension' as insurance, count(paid.person_key) as numerator, count(*) as denominator
from (
    select enrollment.person_key, min(coalesce(employer.area, person.area)) as area
    from enrollment
    left join employer on employer.employer_key = enrollment.employer_key
    left join person on person.person_key = enrollment.person_key
    where enrollment.insurance = 'employee_pension' and enrollment.state in ('active', 'suspended')
      and starts_with(coalesce(enrollment.region, :region), regexp_replace(:region, '(00)+$', ''))
      and enrollment.starts_on <= :period - make_interval(months => :collection_lag_months)
      and enrollment.ends_on > :period - make_interval(months => :collection_lag_months)
    group by enrollment.person_key
) as staff
left join pensioner on pensioner.person_key = staff.person_key
left join retiree on retiree.person_key = staff.person_key
left join (
    select distinct person_key from pension_month
    where paid and month = (:period - make_interval(months => :collection_lag_months))::date
) as paid on paid.person_key = staff.person_key
where pensioner.person_key is null and retiree.person_key is null
group by staff.area
