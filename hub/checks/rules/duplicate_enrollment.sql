/*
id       = "P10"
title    = "Enrolled twice at the same time (重复参保)"
subject  = "person"
severity = "medium"
basis    = ["山东省全面实施全民参保计划工作方案(2018) 一(二)、二(五)4"]
needs    = ["human_resources/enrollment", "human_resources/resident_pension", "public_security/population"]

[explanation]
zh = "同一人在同一整月内，同时处于两种养老保险的参保缴费状态，或同时参加职工医保和居民医保。月中转换险种的不算重复。请核实后终止其中一项，多缴部分按规定退费。"
en = "For the whole of the same month a person is active in two pension insurances, or in residents' and employees' medical insurance. A change in the middle of a month is none. End one of them and refund what was paid twice."

[[example]]
why     = "two pensions, and two medical insurances, through the whole month, are two findings of one person"
today   = 2026-11-21
person  = [{ person = "Twice" }]
enrollment = [
  { person = "Twice", employer = "Shop", starts_on = 2020-01-01 },
  { person = "Twice", insurance = "resident_pension", starts_on = 2012-01-01 },
  { person = "Twice", insurance = "employee_medical", employer = "Shop", starts_on = 2020-01-01 },
  { person = "Twice", insurance = "resident_medical", starts_on = 2012-01-01 },
]
finds   = ["Twice/pension", "Twice/medical"]

[[example]]
why     = "changed in the middle of the month, suspended, retired, or at two employers in one insurance: not twice"
today   = 2026-11-21
person  = [{ person = "Changed" }, { person = "Paused" }, { person = "Pensioner" }, { person = "Two jobs" }]
enrollment = [
  { person = "Changed", insurance = "resident_pension", starts_on = 2012-01-01, ends_on = 2026-10-20, state = "ended" },
  { person = "Changed", employer = "Shop", starts_on = 2026-10-01 },
  { person = "Paused", insurance = "resident_pension", starts_on = 2012-01-01, state = "suspended" },
  { person = "Paused", employer = "Shop", starts_on = 2020-01-01 },
  { person = "Pensioner", insurance = "resident_pension", starts_on = 2012-01-01 },
  { person = "Pensioner", starts_on = 1990-01-01, state = "retired" },
  { person = "Two jobs", employer = "Shop", starts_on = 2020-01-01 },
  { person = "Two jobs", employer = "Mill", starts_on = 2020-01-01 },
]
finds   = []

[[example]]
why     = "an insurance that began in the very month may be the other's successor whose end is not entered yet"
today   = 2026-11-21
person  = [{ person = "Newly hired" }]
enrollment = [
  { person = "Newly hired", insurance = "resident_pension", starts_on = 2012-01-01 },
  { person = "Newly hired", employer = "Shop", starts_on = 2026-10-01 },
]
finds   = []
unknown = ["Newly hired/pension"]
*/
select twice.person_key as subject_key,
       twice.person_key,
       person.area,
       person.region,
       twice.field as matter,
       case when twice.lasting then 'FOUND' else 'UNKNOWN' end as verdict,
       case when not twice.lasting
            then 'one of them began this month: the end of the other may not be entered yet' end as unknown_because,
       twice.insurances,
       twice.since,
       twice.enrollment
from (
    select several.person_key, several.field, several.since, several.lasting,
           string_agg(distinct active.insurance, ', ') as insurances,
           array_agg(active.enrollment) as enrollment
    from (
        -- both for the whole month, or one with another that began in it
        select one.person_key, one.field,
               max(greatest(one.starts_on, other.starts_on)) as since,
               bool_or(greatest(one.starts_on, other.starts_on) < :period) as lasting
        from active_spell as one
        join active_spell as other
            on other.person_key = one.person_key and other.field = one.field and other.insurance > one.insurance
        where one.starts_on <= :period and one.ends_on >= :period + interval '1 month'
          and other.starts_on <= :period and other.ends_on >= :period + interval '1 month'
          and least(one.starts_on, other.starts_on) < :period
        group by one.person_key, one.field
    ) as several
    join active_spell as active on active.person_key = several.person_key and active.field = several.field
    where active.starts_on <= :period and active.ends_on >= :period + interval '1 month'
    group by several.person_key, several.field, several.since, several.lasting
) as twice
left join person on person.person_key = twice.person_key;
