/*
title      = "Staff of park enterprises who are insured (园区企业职工参保率)"
unit       = "%"
numerator   = { zh = "园区企业当月有工资薪金所得且参加该险种的人数", counts = "persons" }
denominator = { zh = "园区企业当月有工资薪金所得的人数", counts = "persons" }
insurances = ["employee_pension", "unemployment", "injury"]
division   = "park"
basis      = ["盐城市社会保险扩面征缴三年提升行动计划（2022—2024年） 三(一)1、附件2"]
needs      = ["commerce/park_enterprise", "tax/payroll", "human_resources/enrollment", "human_resources/benefit"]

[explanation]
zh = "列入园区名单的企业当月申报工资薪金的人员（不含领取养老待遇者）中，月末参加该职工险种的比例，按园区统计，供园区等级评价使用。"
en = "Of the staff for whom enterprises on a park's list declared wages for the month, without those drawing a pension, the share enrolled in the insurance, by park: for the rating of parks."

[[months]]
delivery = "tax/payroll"
first    = ":period"
last     = ":period"

[[example]]
why     = "the park's enterprise counts, one that left the park does not"
today   = 2026-10-31
period  = 2026-10-01
employer_listing = [
  { employer = "Shop", kind = "park", label = "Harbor park", starts_on = 2020-01-01 },
  { employer = "Mill", kind = "park", label = "Harbor park", starts_on = 2020-01-01, ends_on = 2026-01-01 },
  { employer = "Mine", kind = "dust_hazard", label = "", starts_on = 2020-01-01 },
]
payroll = [
  { person = "Insured", employer = "Shop", month = 2026-10-01, yuan = 4000 },
  { person = "Miller", employer = "Mill", month = 2026-10-01, yuan = 4000 },
  { person = "Miner", employer = "Mine", month = 2026-10-01, yuan = 4000 },
]
enrollment = [{ person = "Insured", employer = "Shop", starts_on = 2020-01-01 }]
gives   = [
  { area = "Harbor park", insurance = "employee_pension", numerator = 1, denominator = 1 },
  { area = "Harbor park", insurance = "unemployment", numerator = 0, denominator = 1 },
  { area = "Harbor park", insurance = "injury", numerator = 0, denominator = 1 },
]
*/
select listed.label as area, asked.insurance,
       count(*) filter (where case asked.insurance
           when 'employee_pension' then insured.pension
           when 'unemployment' then insured.unemployment
           else insured.injury end) as numerator,
       count(*) as denominator
from (
    select distinct employer_key, label
    from employer_listing
    where kind = 'park' and starts_on < :data_until and ends_on >= :data_until and coalesce(state, 'active') = 'active'
) as listed
join (select distinct person_key, employer_key from wage where month = :period) as paid
    on paid.employer_key = listed.employer_key
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
group by listed.label, asked.insurance
