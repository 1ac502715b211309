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
       case when twice.kinds_before > 1 then 'FOUND' else 'UNKNOWN' end as verdict,
       case when twice.kinds_before = 1
            then 'one of them began this month: the end of the other may not be entered yet' end as unknown_because,
       twice.insurances,
       twice.since,
       twice.enrollment
from (
    select person_key, field,
           count(distinct insurance) as kinds,
           count(distinct insurance) filter (where starts_on < :period) as kinds_before,
           string_agg(distinct insurance, ', ') as insurances,
           max(starts_on) as since,
           array_agg(enrollment) as enrollment
    from (
        select enrollment.person_key, enrollment.insurance, enrollment.starts_on, enrollment,
               case when enrollment.insurance in ('employee_medical', 'resident_medical')
                    then 'medical' else 'pension' end as field
        from enrollment
        where enrollment.insurance in ('employee_pension', 'organ_pension', 'resident_pension',
                                       'employee_medical', 'resident_medical')
          and enrollment.state = 'active'
          and enrollment.starts_on <= :period
          and enrollment.ends_on >= :period + interval '1 month'
    ) as active
    group by person_key, field
) as twice
left join person on person.person_key = twice.person_key
where twice.kinds > 1 and twice.kinds_before > 0;
