/*
title      = "In hardship with the premium paid on their behalf (困难群体保费代缴率)"
unit       = "%"
numerator   = { zh = "本年度居民养老保费已由政府代缴的人数", counts = "persons" }
denominator = { zh = "参加城乡居民基本养老保险、尚未领取待遇的困难群体人数", counts = "persons" }
insurances = ["resident_pension"]
group      = "hardship"
basis      = ["盐城市社会保险扩面征缴三年提升行动计划（2022—2024年） 三(二)3", "荣政办发〔2024〕3号 措施1", "乌海政发〔2020〕17号 四(一)4"]
needs      = [
  "civil_affairs/low_income", "civil_affairs/destitute", "disabled_persons_federation/certificate",
  "agriculture/poverty_relief", "public_security/population", "public_security/change", "civil_affairs/cremation",
  "education/student", "human_resources/enrollment", "human_resources/resident_pension", "human_resources/benefit",
  "finance/premium_subsidy",
]
parameters = ["hardship_kinds", "resident_pension_age_from", "resident_pension_drawing_age"]

[explanation]
zh = "“三个100%”之二：困难人员中参加居民养老、未满领取年龄且未领取待遇的，本年度保费已由财政代缴（财政代缴名单或参保信息载明代缴）的比例。参加职工养老的无需代缴，不计入分母。"
en = "The second: of those in hardship who are in the resident pension and neither of drawing age nor drawing, the share whose premium for the year the public purse paid, by the list of the finance bureau or by the enrollment. Who is in the employee pension needs none paid."

[[example]]
why     = "paid by the list, paid by the enrollment, not paid; last year's payment is none; an employee needs none"
today   = 2026-10-31
period  = 2026-10-01
person  = [
  { person = "Listed", birth_on = 1980-01-01, area = "371082100" },
  { person = "Marked", birth_on = 1980-01-01, area = "371082100" },
  { person = "Last year", birth_on = 1980-01-01, area = "371082100" },
  { person = "Employee", birth_on = 1980-01-01, area = "371082100" },
  { person = "Sixty", birth_on = 1966-10-01, area = "371082100" },
]
assistance = [
  { person = "Listed" }, { person = "Marked" }, { person = "Last year" }, { person = "Employee" }, { person = "Sixty" },
]
enrollment = [
  { person = "Listed", insurance = "resident_pension", starts_on = 2015-01-01 },
  { person = "Marked", insurance = "resident_pension", starts_on = 2015-01-01, paid_on_behalf = true },
  { person = "Last year", insurance = "resident_pension", starts_on = 2015-01-01 },
  { person = "Employee", employer = "Shop", starts_on = 2015-01-01 },
  { person = "Sixty", insurance = "resident_pension", starts_on = 2015-01-01 },
]
premium_subsidy = [
  { person = "Listed", insurance = "resident_pension", year_on = 2026-01-01, kind = "low_income", yuan = 100 },
  { person = "Last year", insurance = "resident_pension", year_on = 2025-01-01, kind = "low_income", yuan = 100 },
]
gives   = [{ area = "371082100", insurance = "resident_pension", numerator = 2, denominator = 3 }]
*/
select needy.area, 'resident_pension' as insurance,
       count(*) filter (where insured.paid_on_behalf or subsidized.person_key is not null) as numerator,
       count(*) as denominator
from (
    select helped.person_key, coalesce(person.area, helped.area) as area
    from (
        select hardship.person_key, min(hardship.area) as area
        from hardship
        join (select jsonb_array_elements_text(:hardship_kinds) as kind) as paid_for on paid_for.kind = hardship.kind
        where hardship.starts_on < :data_until and hardship.ends_on >= :data_until
        group by hardship.person_key
    ) as helped
    join person on person.person_key = helped.person_key
    left join (
        select distinct person_key from absence
        where starts_on < :data_until and ends_on >= :data_until and lasting
    ) as absent on absent.person_key = helped.person_key
    where person.status in ('normal', 'introduced') and absent.person_key is null
      and person.birth_on < :data_until - make_interval(years => :resident_pension_age_from)
      and person.birth_on >= :data_until - make_interval(years => :resident_pension_drawing_age)
) as needy
join (
    select person_key, bool_or(coalesce(paid_on_behalf, false)) as paid_on_behalf
    from enrollment
    where insurance = 'resident_pension' and state = 'active' and starts_on < :data_until and ends_on >= :data_until
    group by person_key
) as insured on insured.person_key = needy.person_key
left join (
    select distinct person_key from premium_subsidy
    where insurance = 'resident_pension' and year_on = make_date(extract(year from :period)::integer, 1, 1)
) as subsidized on subsidized.person_key = needy.person_key
left join pensioner on pensioner.person_key = needy.person_key
where pensioner.person_key is null
group by needy.area
