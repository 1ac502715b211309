/*
id         = "P05"
title      = "Past sixty and never in any pension insurance (超龄未参保老年居民)"
subject    = "person"
severity   = "medium"
basis      = ["乌海政发〔2020〕17号 四(一)3", "山东省全面实施全民参保计划工作方案(2018) 二(一)2", "国发〔2014〕8号 三、七"]
needs      = [
  "public_security/population", "public_security/change", "civil_affairs/cremation", "human_resources/enrollment",
  "human_resources/resident_pension", "human_resources/contribution", "human_resources/benefit",
]
misses     = [
  "human_resources/enrollment", "human_resources/resident_pension", "human_resources/contribution",
  "human_resources/benefit", "public_security/change", "civil_affairs/cremation",
]
consults   = ["justice/sentence", "human_resources/insured_elsewhere"]
parameters = ["overage_age"]

[explanation]
zh = "本地户籍、状态正常、年满60周岁的老年居民，从未参加过任何养老保险，也从未领取过养老待遇。可通过补缴参加城乡居民养老保险并享受待遇，请上门告知补缴政策和代缴政策。曾参保后终止的、正在或曾经领取养老待遇的不列入。异地参保数据未到位的，先核实。"
en = "A resident registered here, past sixty, was never in any pension insurance and never drew a pension. The person may join the resident pension by paying back, and then draws: explain that way, and who is helped to pay. Who was once insured or has drawn is left out. Verify first where the finding is 'to be checked'."

[[example]]
why     = "from the month of the sixtieth birthday on; nobody is too old"
today   = 2026-11-21
person  = [
  { person = "Sixty", birth_on = 1966-10-31 },
  { person = "Woman of ninety", birth_on = 1936-05-05, sex = "female" },
  { person = "Fifty-nine", birth_on = 1966-11-01 },
]
finds   = ["Sixty", "Woman of ninety"]

[[example]]
why     = "once insured, once drawing, or not to be insured here"
today   = 2026-11-21
person  = [
  { person = "Drawing", birth_on = 1950-01-01 },
  { person = "No longer drawing", birth_on = 1950-01-01 },
  { person = "Once insured", birth_on = 1950-01-01 },
  { person = "Retired", birth_on = 1950-01-01 },
  { person = "Contributor", birth_on = 1965-12-01 },
  { person = "Dead", birth_on = 1940-01-01, status = "dead" },
  { person = "Cremated", birth_on = 1940-01-01 },
  { person = "Abroad", birth_on = 1950-01-01 },
  { person = "Registered elsewhere", birth_on = 1950-01-01, status = "introduced" },
]
benefit = [
  { person = "Drawing", kind = "resident_pension", starts_on = 2012-01-01 },
  { person = "No longer drawing", kind = "resident_pension", starts_on = 2012-01-01, ends_on = 2020-01-01, state = "ended" },
]
enrollment = [
  { person = "Once insured", starts_on = 1990-01-01, ends_on = 2001-01-01, state = "ended" },
  { person = "Retired", starts_on = 1990-01-01, state = "retired" },
]
contribution = [{ person = "Contributor", month = 2025-02-01 }]
life_event = [
  { person = "Cremated", kind = "cremation", happened_on = 2026-10-20 },
  { person = "Abroad", kind = "emigrated", happened_on = 2022-01-01 },
]
finds   = []

[[example]]
why     = "an injury pension or unemployment benefit is no old-age pension; without a birth date nothing can be said"
today   = 2026-11-21
person  = [{ person = "Injured once", birth_on = 1950-01-01 }, { person = "Undated" }]
benefit = [{ person = "Injured once", kind = "injury", starts_on = 1999-01-01 }]
finds   = ["Injured once"]
unknown = ["Undated"]
*/
select person.person_key as subject_key,
       person.person_key,
       person.area,
       person.region,
       case when person.birth_on is null then 'UNKNOWN' else 'FOUND' end as verdict,
       case when person.birth_on is null then 'the register gives no birth date' end as unknown_because,
       (months(:period) - months(person.birth_on)) / 12 as age,
       case when :missing = '' then 'confirmed' else 'to_be_checked' end as certainty,
       nullif(:missing, '') as not_delivered,
       person
from person
-- at any time, in any way
left join (
    select distinct person_key
    from (
        select person_key from pension_spell
        union all
        select person_key from pension_month
        union all
        select person_key from benefit where kind in ('employee_pension', 'organ_pension', 'resident_pension')
    ) as told
) as known on known.person_key = person.person_key
left join (
    select distinct person_key from absence where ends_on >= :data_until and lasting
) as absent on absent.person_key = person.person_key
where person.status = 'normal'
  and (person.birth_on is null
       or person.birth_on < :period + interval '1 month' - make_interval(years => :overage_age))
  and known.person_key is null
  and absent.person_key is null;
