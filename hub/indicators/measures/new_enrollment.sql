/*
title      = "Persons enrolled for the first time this year (年新增参保人数)"
unit       = "人"
numerator   = { zh = "本年内首次参加该险种的人数（累计）", counts = "persons" }
insurances = ["employee_pension", "resident_pension", "unemployment", "injury"]
accumulates = true
basis      = ["盐城市社会保险扩面征缴三年提升行动计划（2022—2024年） 二、附件1", "荣政办发〔2024〕3号 一(二)"]
needs      = ["human_resources/enrollment", "human_resources/resident_pension"]

[explanation]
zh = "本年1月1日至月末，首次在本地参加该险种（此前无任何参保记录）的人数，按首次参保单位所在地区统计，无单位的按户籍所在地区。续保、转换单位不算新增。"
en = "Persons whose very first spell in the insurance begins between January 1st and the end of the month, by the area of the employer that enrolled them, or their own where there is none. Coming back, or changing the employer, is not new."

[[example]]
why     = "the first spell counts where its employer sits; who comes back or came last year does not count"
today   = 2026-10-31
period  = 2026-10-01
employer = [{ employer = "Shop", area = "371082100" }]
person  = [{ person = "Flexible", birth_on = 1990-01-01, area = "371082101" }]
enrollment = [
  { person = "New", employer = "Shop", starts_on = 2026-03-01 },
  { person = "New", employer = "Mill", starts_on = 2026-06-01 },
  { person = "Flexible", starts_on = 2026-02-01, contributor = "flexible" },
  { person = "Back", employer = "Shop", starts_on = 2020-01-01, ends_on = 2021-01-01, state = "ended" },
  { person = "Back", employer = "Shop", starts_on = 2026-03-01 },
  { person = "Next month", employer = "Shop", starts_on = 2026-11-01 },
  { person = "Flexible", insurance = "resident_pension", starts_on = 2026-01-01, region = "371082101200" },
  { person = "Elsewhere", employer = "Shop", starts_on = 2026-03-01, region = "370202" },
  { person = "Medical", insurance = "employee_medical", employer = "Shop", starts_on = 2026-03-01 },
]
gives   = [
  { area = "371082100", insurance = "employee_pension", numerator = 1 },
  { area = "371082101", insurance = "employee_pension", numerator = 1 },
  { area = "371082101", insurance = "resident_pension", numerator = 1 },
]
*/
select begun.area, begun.insurance, count(*) as numerator
from (
    select first.person_key, first.insurance, min(coalesce(employer.area, person.area)) as area
    from (
        select person_key, insurance, min(starts_on) as starts_on
        from enrollment
        where insurance in ('employee_pension', 'resident_pension', 'unemployment', 'injury')
          and starts_with(coalesce(region, :region), regexp_replace(:region, '(00)+$', ''))
        group by person_key, insurance
    ) as first
    join enrollment
        on enrollment.person_key = first.person_key and enrollment.insurance = first.insurance
       and enrollment.starts_on = first.starts_on
       and starts_with(coalesce(enrollment.region, :region), regexp_replace(:region, '(00)+$', ''))
    left join employer on employer.employer_key = enrollment.employer_key
    left join person on person.person_key = first.person_key
    where first.starts_on >= make_date(extract(year from :period)::integer, 1, 1) and first.starts_on < :data_until
    group by first.person_key, first.insurance
) as begun
group by begun.area, begun.insurance
