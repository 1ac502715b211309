/*
title      = "Staff paid wages who are insured (职工参保率)"
unit       = "%"
numerator   = { zh = "当月有工资薪金所得且参加该险种的人数", counts = "persons" }
denominator = { zh = "当月有工资薪金所得的人数", counts = "persons" }
insurances = ["employee_pension", "unemployment", "injury"]
basis      = ["乌海政发〔2020〕17号 三", "社会保险法 第十条、第三十三条、第四十四条"]
needs      = ["tax/payroll", "human_resources/enrollment", "human_resources/benefit"]

[explanation]
zh = "当月由单位申报工资薪金的人员（不含领取养老待遇者）中，月末参加该职工险种的比例，按单位所在地区统计；一人在两个单位领薪的各计一次。机关事业养老视同参加职工养老。"
en = "Of the staff for whom an employer declared wages for the month, without those drawing a pension, the share enrolled in the insurance at the end of the month, by the employer's area. Somebody paid by two employers counts with each. Institution pension counts as pension."

[[months]]
delivery = "tax/payroll"
first    = ":period"
last     = ":period"

[[example]]
why     = "two are paid, one of them is insured; a pensioner's wage and last month's do not count"
today   = 2026-10-31
period  = 2026-10-01
employer = [{ employer = "Shop", area = "371082100" }]
payroll = [
  { person = "Insured", employer = "Shop", month = 2026-10-01, yuan = 4000 },
  { person = "Not insured", employer = "Shop", month = 2026-10-01, yuan = 4000 },
  { person = "Pensioner", employer = "Shop", month = 2026-10-01, yuan = 4000 },
  { person = "Gone", employer = "Shop", month = 2026-09-01, yuan = 4000 },
]
enrollment = [
  { person = "Insured", employer = "Shop", starts_on = 2020-01-01 },
  { person = "Insured", employer = "Shop", insurance = "injury", starts_on = 2020-01-01 },
]
benefit = [{ person = "Pensioner", starts_on = 2020-01-01 }]
gives   = [
  { area = "371082100", insurance = "employee_pension", numerator = 1, denominator = 2 },
  { area = "371082100", insurance = "unemployment", numerator = 0, denominator = 2 },
  { area = "371082100", insurance = "injury", numerator = 1, denominator = 2 },
]
*/
select employer.area, asked.insurance,
       count(*) filter (where case asked.insurance
           when 'employee_pension' then insured.pension
           when 'unemployment' then insured.unemployment
           else insured.injury end) as numerator,
       count(*) as denominator
from (select distinct person_key, employer_key from wage where month = :period) as paid
left join employer on employer.employer_key = paid.employer_key
left join pensioner on pensioner.person_key = paid.person_key
left join (
    select person_key,
           bool_or(insurance in ('employee_pension', 'organ_pension')) as pension,
           bool_or(insurance = 'unemployment') as unemployment,
           bool_or(insurance = 'injury') as injury
    from enrollment
    where state = 'active' and starts_on < :data_until and ends_on >= :data_until
    group by person_key
) as insured on insured.person_key = paid.person_key
cross join (values ('employee_pension'), ('unemployment'), ('injury')) as asked (insurance)
where pensioner.person_key is null
group by employer.area, asked.insurance
