/*
id         = "P08"
title      = "In hardship, past sixty, registered and drawing no pension (困难群体到龄未领待遇)"
subject    = "person"
severity   = "high"
basis      = ["盐城市社会保险扩面征缴三年提升行动计划 三(二)3", "国发〔2014〕8号 七", "社会保险法 第二十一条"]
needs      = [
  "civil_affairs/low_income", "civil_affairs/destitute", "disabled_persons_federation/certificate",
  "agriculture/poverty_relief", "public_security/population", "public_security/change", "civil_affairs/cremation",
  "human_resources/enrollment", "human_resources/resident_pension", "human_resources/benefit",
]
misses     = ["human_resources/benefit", "human_resources/enrollment", "public_security/change", "civil_affairs/cremation"]
consults   = ["justice/sentence", "human_resources/insured_elsewhere"]
parameters = ["hardship_kinds", "resident_pension_age"]

[explanation]
zh = "本地规定的困难群体（低保、特困、重度残疾等），已参加城乡居民养老保险、年满60周岁，次月起应按月领取待遇而没有领取任何养老待遇。参加职工或机关事业养老保险的不列入；本月刚到领取起始月份、待遇暂停发放（可能未做资格认证）的不作判断。请主动上门办理待遇申领；缴费年限不足的告知补缴，补缴可由政府帮助的一并说明。"
en = "A person in hardship, as the region says, is registered in the resident pension and past sixty, from the month after which the pension is due, and draws no pension of any kind. Who is in the employee or organ pension is left out; whose first month is this one, or whose pension is suspended (perhaps without proof of life), is not judged. Go and help to apply; who lacks years of contribution may pay back."

[[example]]
why     = "two months past sixty and drawing nothing; drawing, or not registered, is not found"
today   = 2026-11-21
person  = [
  { person = "Nothing", birth_on = 1966-08-31 },
  { person = "Old and nothing", birth_on = 1940-01-01, sex = "female" },
  { person = "Drawing", birth_on = 1950-01-01 },
  { person = "Draws another", birth_on = 1950-01-01 },
  { person = "Not registered", birth_on = 1950-01-01 },
]
assistance = [
  { person = "Nothing" }, { person = "Old and nothing", kind = "disability", level = "2" }, { person = "Drawing" },
  { person = "Draws another" }, { person = "Not registered", kind = "destitute" },
]
enrollment = [
  { person = "Nothing", insurance = "resident_pension", starts_on = 2012-01-01 },
  { person = "Old and nothing", insurance = "resident_pension", starts_on = 2012-01-01, state = "suspended" },
  { person = "Drawing", insurance = "resident_pension", starts_on = 2012-01-01 },
  { person = "Draws another", insurance = "resident_pension", starts_on = 2012-01-01 },
]
benefit = [
  { person = "Drawing", kind = "resident_pension", starts_on = 2012-01-01 },
  { person = "Draws another", kind = "employee_pension", starts_on = 2012-01-01 },
  { person = "Old and nothing", kind = "resident_pension", starts_on = 2012-01-01, ends_on = 2015-01-01, state = "ended" },
]
finds   = ["Nothing", "Old and nothing"]

[[example]]
why     = "each of these is due no resident pension, or not for being in hardship"
today   = 2026-11-21
person  = [
  { person = "Sixty this month", birth_on = 1966-10-05 },
  { person = "Younger", birth_on = 1970-01-01 },
  { person = "In no hardship", birth_on = 1950-01-01 },
  { person = "Slightly disabled", birth_on = 1950-01-01 },
  { person = "Retired", birth_on = 1950-01-01 },
  { person = "Still at work", birth_on = 1966-01-01 },
  { person = "Left", birth_on = 1950-01-01 },
  { person = "Dead", birth_on = 1950-01-01, status = "dead" },
  { person = "Cremated", birth_on = 1950-01-01 },
  { person = "Prisoner", birth_on = 1950-01-01 },
]
assistance = [
  { person = "Sixty this month" }, { person = "Younger" }, { person = "Retired" }, { person = "Still at work" },
  { person = "Left" }, { person = "Dead" }, { person = "Cremated" }, { person = "Prisoner" },
  { person = "Slightly disabled", kind = "disability", level = "4" },
]
enrollment = [
  { person = "Sixty this month", insurance = "resident_pension", starts_on = 2012-01-01 },
  { person = "Younger", insurance = "resident_pension", starts_on = 2012-01-01 },
  { person = "In no hardship", insurance = "resident_pension", starts_on = 2012-01-01 },
  { person = "Slightly disabled", insurance = "resident_pension", starts_on = 2012-01-01 },
  { person = "Retired", insurance = "resident_pension", starts_on = 2012-01-01 },
  { person = "Retired", starts_on = 1990-01-01, state = "retired" },
  { person = "Still at work", insurance = "resident_pension", starts_on = 2012-01-01 },
  { person = "Still at work", employer = "Shop", starts_on = 2020-01-01 },
  { person = "Left", insurance = "resident_pension", starts_on = 2012-01-01, ends_on = 2020-01-01, state = "ended" },
  { person = "Dead", insurance = "resident_pension", starts_on = 2012-01-01 },
  { person = "Cremated", insurance = "resident_pension", starts_on = 2012-01-01 },
  { person = "Prisoner", insurance = "resident_pension", starts_on = 2012-01-01 },
]
life_event = [
  { person = "Cremated", kind = "cremation", happened_on = 2026-10-20 },
  { person = "Prisoner", kind = "imprisoned", happened_on = 2024-01-01, ends_on = 2029-01-01 },
]
finds   = []

[[example]]
why     = "due for the first time this month, suspended, or of an age nobody knows"
today   = 2026-11-21
person  = [
  { person = "First month", birth_on = 1966-09-05 },
  { person = "Suspended", birth_on = 1950-01-01 },
  { person = "Undated" },
]
assistance = [{ person = "First month" }, { person = "Suspended" }, { person = "Undated" }]
enrollment = [
  { person = "First month", insurance = "resident_pension", starts_on = 2012-01-01 },
  { person = "Suspended", insurance = "resident_pension", starts_on = 2012-01-01 },
  { person = "Undated", insurance = "resident_pension", starts_on = 2012-01-01 },
]
benefit = [
  { person = "Suspended", kind = "resident_pension", starts_on = 2012-01-01, state = "suspended", last_paid_month = 2026-06-01 },
]
finds   = []
unknown = ["First month", "Suspended", "Undated"]
*/
select due.person_key as subject_key,
       due.person_key,
       due.area,
       due.region,
       case when due.doubt is null then 'FOUND' else 'UNKNOWN' end as verdict,
       due.doubt as unknown_because,
       due.kinds as assistance_kinds,
       due.months_of_age / 12 as age,
       case when :missing = '' then 'confirmed' else 'to_be_checked' end as certainty,
       nullif(:missing, '') as not_delivered,
       due.assistance,
       due.enrollment
from (
    select needy.*, registered.enrollment,
           case
               when needy.months_of_age is null
                   then 'the birth date is not known'
               when drawn.person_key is not null
                   then 'the pension is suspended: perhaps nobody has shown that the person lives'
               when needy.months_of_age = :resident_pension_age * 12 + 1
                   then 'due for the first time this month: the first payment may be under way'
           end as doubt
    from (
        select helped.person_key, helped.kinds, helped.assistance, person.region,
               coalesce(person.area, helped.area) as area,
               months(:period) - months(person.birth_on) as months_of_age
        from (
            select hardship.person_key,
                   string_agg(distinct hardship.kind, ', ') as kinds,
                   min(hardship.area) as area,
                   array_agg(hardship.assistance) as assistance
            from hardship
            join (
                select jsonb_array_elements_text(:hardship_kinds) as kind
            ) as paid_for on paid_for.kind = hardship.kind
            where hardship.starts_on < :data_until and hardship.ends_on >= :data_until
            group by hardship.person_key
        ) as helped
        join person on person.person_key = helped.person_key
        where person.status in ('normal', 'introduced')
    ) as needy
    join (
        select person_key, array_agg(enrollment) as enrollment
        from enrollment
        where insurance = 'resident_pension' and state in ('active', 'suspended')
          and starts_on < :data_until and ends_on >= :data_until
        group by person_key
    ) as registered on registered.person_key = needy.person_key
    left join (
        select distinct person_key
        from pension_spell
        where insurance <> 'resident_pension' and state <> 'ended' and starts_on < :data_until and ends_on >= :data_until
    ) as otherwise on otherwise.person_key = needy.person_key
    left join (
        select person_key, bool_or(state = 'drawing') as drawing
        from benefit
        where kind in ('employee_pension', 'organ_pension', 'resident_pension') and state <> 'ended'
        group by person_key
    ) as drawn on drawn.person_key = needy.person_key
    left join (
        select distinct person_key from absence where ends_on >= :data_until and lasting
    ) as absent on absent.person_key = needy.person_key
    where otherwise.person_key is null
      and drawn.drawing is not true
      and absent.person_key is null
      and (needy.months_of_age is null or needy.months_of_age > :resident_pension_age * 12)
) as due;
