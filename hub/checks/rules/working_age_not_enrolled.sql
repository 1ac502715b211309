/*
id         = "P01"
title      = "Of working age, in no pension insurance (适龄未参保)"
subject    = "person"
severity   = "medium"
basis      = ["荣政办发〔2024〕3号 措施3", "山东省全面实施全民参保计划工作方案(2018) 二(五)4", "社会保险法 第十条、第二十条"]
needs      = [
  "public_security/population", "public_security/change", "civil_affairs/cremation", "human_resources/enrollment",
  "human_resources/resident_pension", "human_resources/contribution", "human_resources/benefit", "tax/payroll",
]
misses     = [
  "human_resources/enrollment", "human_resources/resident_pension", "human_resources/contribution",
  "human_resources/benefit", "public_security/change", "civil_affairs/cremation",
]
consults   = ["education/student", "justice/sentence", "human_resources/insured_elsewhere"]
parameters = ["working_age_from", "working_age_until", "student_age_until", "retirement_scheme", "new_hire_grace_days"]

[explanation]
zh = "公安人口库中状态正常、处于劳动年龄的本地居民，在企业职工、机关事业、城乡居民三项养老保险中均无参保记录。已排除：未满劳动年龄、已过法定退休年龄、领取养老待遇、死亡或火化、迁出、注销、入伍、出国定居、服刑、在校、入职三十日内人员。在校、服刑或异地参保数据未到位的，标为“待核实”，请先核实再动员，不得据此认定未参保。"
en = "A resident of working age whom the population register calls normal is in none of the three pension insurances. Where the lists of students, prisoners or people insured elsewhere are not to be had, the finding is 'to be checked': verify before calling anyone uninsured."

[[example]]
why     = "a man of 35 in no insurance is found; his neighbor is in the resident pension"
today   = 2026-11-21
person  = [
  { person = "Nobody", birth_on = 1991-03-05 },
  { person = "Neighbor", birth_on = 1991-03-05 },
]
enrollment = [{ person = "Neighbor", insurance = "resident_pension", starts_on = 2015-01-01 }]
finds   = ["Nobody"]

[[example]]
why     = "each exclusion by itself keeps a person from being called uninsured"
today   = 2026-11-21
person  = [
  { person = "Fifteen", birth_on = 2010-11-01 },
  { person = "Sixty", birth_on = 1966-10-31 },
  { person = "Drawing", birth_on = 1970-01-01 },
  { person = "Retired", birth_on = 1970-01-01 },
  { person = "Died", birth_on = 1990-01-01, status = "dead" },
  { person = "Cremated", birth_on = 1990-01-01 },
  { person = "Moved out", birth_on = 1990-01-01, status = "moved_out" },
  { person = "Cancelled", birth_on = 1990-01-01, status = "cancelled" },
  { person = "Soldier", birth_on = 2000-01-01, status = "enlisted" },
  { person = "Emigrant", birth_on = 1990-01-01 },
  { person = "Prisoner", birth_on = 1990-01-01 },
  { person = "Student", birth_on = 2004-01-01 },
  { person = "Teacher", birth_on = 1990-01-01 },
  { person = "Newly hired", birth_on = 1990-01-01 },
  { person = "Contributor", birth_on = 1990-01-01 },
  { person = "Known elsewhere", birth_on = 1990-01-01, status = "introduced" },
  { person = "Woman past the latest age", birth_on = 1968-08-01, sex = "female" },
]
life_event = [
  { person = "Cremated", kind = "cremation", happened_on = 2026-10-20 },
  { person = "Emigrant", kind = "emigrated", happened_on = 2022-01-01 },
  { person = "Prisoner", kind = "imprisoned", happened_on = 2024-01-01, ends_on = 2029-01-01 },
  { person = "Student", kind = "studying", happened_on = 2022-09-01, ends_on = 2027-07-01 },
]
benefit = [{ person = "Drawing", starts_on = 2020-01-01 }]
enrollment = [
  { person = "Retired", starts_on = 1990-01-01, state = "retired" },
  { person = "Teacher", insurance = "organ_pension", employer = "School", starts_on = 2014-10-01 },
]
payroll = [{ person = "Newly hired", employer = "Shop", month = 2026-10-01, yuan = 3000 }]
contribution = [{ person = "Contributor", employer = "Shop", month = 2026-09-01 }]
finds   = []

[[example]]
why     = "who came out of prison, or finished school, counts again"
today   = 2026-11-21
person  = [
  { person = "Released", birth_on = 1990-01-01 },
  { person = "Graduate", birth_on = 2003-01-01 },
  { person = "Left school", birth_on = 2003-01-01 },
]
life_event = [
  { person = "Released", kind = "imprisoned", happened_on = 2020-01-01, ends_on = 2024-01-01 },
  { person = "Graduate", kind = "studying", happened_on = 2021-09-01, ends_on = 2025-07-01 },
  { person = "Left school", kind = "studying", happened_on = 2023-09-01, ends_on = 2027-07-01, state = "left" },
]
finds   = ["Released", "Graduate", "Left school"]

[[example]]
why     = "without the list of students, the young are not judged, and the others are to be checked"
today   = 2026-11-21
missing = ["education/student", "justice/sentence"]
person  = [
  { person = "Twenty", birth_on = 2006-05-05 },
  { person = "Twenty-five", birth_on = 2001-10-31 },
]
finds   = ["Twenty-five"]
unknown = ["Twenty"]

[[example]]
why     = "a woman between 50 and 58, an enrollment that ended, a birth date nobody knows: not for the data to decide"
today   = 2026-11-21
person  = [
  { person = "Woman of 52", birth_on = 1974-06-01, sex = "female" },
  { person = "Woman of 49", birth_on = 1976-11-30, sex = "female" },
  { person = "Transferred", birth_on = 1985-01-01 },
  { person = "Unborn" },
]
enrollment = [{ person = "Transferred", starts_on = 2010-01-01, ends_on = 2020-01-01, state = "ended" }]
finds   = ["Woman of 49"]
unknown = ["Woman of 52", "Transferred", "Unborn"]
*/
select person.person_key as subject_key,
       person.person_key,
       person.area,
       person.region,
       case when left_over.doubt is null then 'FOUND' else 'UNKNOWN' end as verdict,
       left_over.doubt as unknown_because,
       left_over.months_of_age / 12 as age,
       case when :missing = '' then 'confirmed' else 'to_be_checked' end as certainty,
       nullif(:missing, '') as not_delivered,
       person
from person
join (
    select aged.person_key,
           aged.months_of_age,
           case
               when aged.months_of_age is null or aged.working_until is null
                   then 'the register gives no birth date or no sex'
               when aged.months_of_age > aged.working_until
                   then 'at this age the statutory retirement age depends on the post'
               when aged.months_of_age < :student_age_until * 12 and position('education/student' in :missing) > 0
                   then 'perhaps a student: education/student is not to be had'
               when pension.ended
                   then 'an enrollment that ended: perhaps insured elsewhere'
           end as doubt
    from (
        -- age in months at the end of the period, and the last one certainly of working age
        select person.person_key,
               months(:period) - months(person.birth_on) as months_of_age,
               scheme.working_until
               + greatest(0, least(scheme.cap,
                                   (months(person.birth_on) - months(scheme.first) + scheme.step) / scheme.step))
               as working_until,
               scheme.undetermined_until
        from person
        left join jsonb_to_recordset(:retirement_scheme)
            as scheme (sex text, working_until integer, first date, step integer, cap integer, undetermined_until integer)
            on scheme.sex = person.sex
        where person.status = 'normal'
          -- of working age by the month, whose days the planner knows
          and (person.birth_on is null
               or (person.birth_on < :period + interval '1 month' - make_interval(years => :working_age_from)
                   and person.birth_on >= :period + interval '1 month' - make_interval(years => :working_age_until)))
    ) as aged
    -- in any pension insurance, whoever the employer; a suspended one is a lapse, not an absence
    left join (
        select person_key,
               bool_or(starts_on < :data_until and ends_on >= :data_until) as insured,
               bool_or(ends_on < :data_until) as ended
        from pension_spell
        group by person_key
    ) as pension on pension.person_key = aged.person_key
    left join (
        select distinct person_key from pension_month where month >= :period - interval '2 months'
    ) as contributing on contributing.person_key = aged.person_key
    left join pensioner on pensioner.person_key = aged.person_key
    left join (
        select distinct person_key from absence where ends_on >= :data_until and lasting
    ) as absent on absent.person_key = aged.person_key
    -- first wage so late that the days the employer has to enroll are not over
    left join (
        select hired.person_key
        from (
            select person_key, min(month) as first_wage
            from wage
            where month >= :period - interval '2 months'
            group by person_key
        ) as hired
        where hired.first_wage + interval '1 month' + :new_hire_grace_days * interval '1 day' > :data_until
    ) as waiting on waiting.person_key = aged.person_key
    where pension.insured is not true
      and contributing.person_key is null
      and pensioner.person_key is null
      and absent.person_key is null
      and waiting.person_key is null
      and (aged.months_of_age is null or aged.working_until is null
           or aged.months_of_age <= greatest(aged.working_until, aged.undetermined_until))
) as left_over on left_over.person_key = person.person_key;
