/*
id         = "P20"
title      = "Away for work, payments lapsed or no medical insurance (外出务工人员断缴或未参加医保)"
subject    = "person"
severity   = "low"
basis      = ["盐城市社会保险扩面征缴三年提升行动计划 三(三)3"]
needs      = [
  "town/household_survey", "public_security/population", "public_security/change", "human_resources/enrollment",
  "human_resources/resident_pension", "human_resources/contribution", "human_resources/benefit",
]
misses     = [
  "human_resources/enrollment", "human_resources/resident_pension", "human_resources/contribution",
  "human_resources/benefit", "public_security/change",
]
consults   = [
  "medical_insurance/employee_enrollment", "medical_insurance/resident_enrollment", "civil_affairs/cremation",
  "education/student", "justice/sentence", "human_resources/insured_elsewhere",
]
parameters = ["collection_lag_months", "interruption_months", "working_age_until", "retirement_scheme"]

[[months]]
delivery = "human_resources/contribution"
first    = ":period - make_interval(months => :collection_lag_months + :interruption_months - 1)"
last     = ":period - make_interval(months => :collection_lag_months)"

[explanation]
zh = "最近一次入户调查为外出务工的本地户籍人员：pension 曾缴纳或现参加企业职工养老保险，连续中断缴费达到规定月数，且未在其他险种、其他地区参保；medical 没有正常的基本医疗保险（未参保，或已暂停缴费）。请村（社区）主动电话联系，提醒及时缴费或补办，不需上门。已死亡、迁出、退休、服刑、在校、入伍、领取失业金、异地参保的不列入。异地参保数据未到位的，可能在务工地参保，不作判断。"
en = "By the latest visit to the household somebody registered here is away for work, and (pension) paid or is in the employees' pension and has not paid for so many months in a row, insured in no other way or place; or (medical) has no medical insurance that is paid for. The village calls, and asks to pay in time. The dead, those who moved their registration, the retired, prisoners, students, soldiers, those on unemployment benefit and those insured elsewhere are left out. Without the ministry's return nothing is decided, because the person may be insured at the place of work."

[[example]]
why     = "away, nothing paid since March, no medical insurance; or one that is suspended"
today   = 2026-11-21
person  = [
  { person = "Lapsed", birth_on = 1985-01-01 }, { person = "Never paid", birth_on = 1985-01-01 },
  { person = "Medical suspended", birth_on = 1985-01-01 },
]
household_survey = [
  { person = "Lapsed", surveyed_on = 2026-08-02, residence = "away" },
  { person = "Never paid", surveyed_on = 2026-08-02, residence = "away" },
  { person = "Medical suspended", surveyed_on = 2026-08-02, residence = "away" },
]
contribution = [{ person = "Lapsed", month = 2026-03-01 }]
enrollment = [
  { person = "Lapsed", insurance = "employee_medical", starts_on = 2015-01-01 },
  { person = "Never paid", starts_on = 2015-01-01, state = "suspended" },
  { person = "Never paid", insurance = "resident_medical", starts_on = 2015-01-01 },
  { person = "Medical suspended", insurance = "resident_pension", starts_on = 2015-01-01 },
  { person = "Medical suspended", insurance = "employee_medical", starts_on = 2015-01-01, state = "suspended" },
]
finds   = ["Lapsed/pension", "Never paid/pension", "Medical suspended/medical"]

[[example]]
why     = "came back since, never was away, paid within five months, or is insured where the work is"
today   = 2026-11-21
person  = [
  { person = "Came back", birth_on = 1985-01-01 }, { person = "At home", birth_on = 1985-01-01 },
  { person = "Five months", birth_on = 1985-01-01 }, { person = "Elsewhere", birth_on = 1985-01-01 },
  { person = "Resident", birth_on = 1985-01-01 }, { person = "Not visited", birth_on = 1985-01-01 },
]
household_survey = [
  { person = "Came back", surveyed_on = 2025-08-02, residence = "away" },
  { person = "Came back", surveyed_on = 2026-08-02, residence = "here" },
  { person = "At home", surveyed_on = 2026-08-02, residence = "here" },
  { person = "Five months", surveyed_on = 2026-08-02, residence = "away" },
  { person = "Elsewhere", surveyed_on = 2026-08-02, residence = "away" },
  { person = "Resident", surveyed_on = 2026-08-02, residence = "away" },
]
contribution = [
  { person = "Came back", month = 2026-03-01 }, { person = "At home", month = 2026-03-01 },
  { person = "Five months", month = 2026-04-01 }, { person = "Elsewhere", month = 2026-01-01 },
  { person = "Resident", month = 2026-01-01 }, { person = "Not visited", month = 2026-03-01 },
]
enrollment = [
  { person = "Five months", insurance = "resident_medical", starts_on = 2015-01-01 },
  { person = "Elsewhere", starts_on = 2026-02-01, region = "370202" },
  { person = "Elsewhere", insurance = "employee_medical", starts_on = 2026-02-01, region = "370202" },
  { person = "Resident", insurance = "resident_pension", starts_on = 2026-02-01 },
  { person = "Resident", insurance = "resident_medical", starts_on = 2026-02-01 },
]
finds   = []

[[example]]
why     = "dead, moved away for good, in prison, retired, too old to pay, on unemployment benefit, or from another place"
today   = 2026-11-21
person  = [
  { person = "Dead", birth_on = 1985-01-01 }, { person = "Moved", birth_on = 1985-01-01, status = "moved_out" },
  { person = "Prisoner", birth_on = 1985-01-01 }, { person = "Pensioner", birth_on = 1964-01-01 },
  { person = "Old", birth_on = 1962-01-01 }, { person = "Unemployed", birth_on = 1985-01-01 },
  { person = "Guest", birth_on = 1985-01-01, status = "introduced" },
]
household_survey = [
  { person = "Dead", surveyed_on = 2026-08-02, residence = "away" },
  { person = "Moved", surveyed_on = 2026-08-02, residence = "away" },
  { person = "Prisoner", surveyed_on = 2026-08-02, residence = "away" },
  { person = "Pensioner", surveyed_on = 2026-08-02, residence = "away" },
  { person = "Old", surveyed_on = 2026-08-02, residence = "away" },
  { person = "Unemployed", surveyed_on = 2026-08-02, residence = "away" },
  { person = "Guest", surveyed_on = 2026-08-02, residence = "away" },
]
life_event = [
  { person = "Dead", kind = "cremation", happened_on = 2026-09-02 },
  { person = "Prisoner", kind = "imprisoned", happened_on = 2026-09-02, ends_on = 2030-01-01 },
]
benefit = [
  { person = "Pensioner", starts_on = 2024-02-01 },
  { person = "Unemployed", kind = "unemployment", starts_on = 2026-04-01 },
]
contribution = [
  { person = "Dead", month = 2026-03-01 }, { person = "Moved", month = 2026-03-01 },
  { person = "Prisoner", month = 2026-03-01 }, { person = "Old", month = 2022-01-01 },
  { person = "Unemployed", month = 2026-03-01 }, { person = "Guest", month = 2026-03-01 },
]
enrollment = [
  { person = "Pensioner", insurance = "employee_medical", starts_on = 2015-01-01, state = "retired" },
  { person = "Old", insurance = "resident_medical", starts_on = 2015-01-01 },
  { person = "Unemployed", insurance = "employee_medical", starts_on = 2015-01-01 },
]
finds   = []

[[example]]
why     = "a woman of 52, and arrears of the employer: not for the data to decide"
today   = 2026-11-21
person  = [
  { person = "Woman of 52", birth_on = 1974-06-01, sex = "female" }, { person = "In arrears", birth_on = 1985-01-01 },
]
household_survey = [
  { person = "Woman of 52", surveyed_on = 2026-08-02, residence = "away" },
  { person = "In arrears", surveyed_on = 2026-08-02, residence = "away" },
]
contribution = [
  { person = "Woman of 52", month = 2026-03-01 }, { person = "In arrears", employer = "Shop", month = 2026-03-01 },
  { person = "In arrears", employer = "Shop", month = 2026-08-01, paid = false },
]
enrollment = [
  { person = "Woman of 52", insurance = "resident_medical", starts_on = 2015-01-01 },
  { person = "In arrears", insurance = "employee_medical", starts_on = 2015-01-01 },
]
finds   = []
unknown = ["Woman of 52/pension", "In arrears/pension"]

[[example]]
why     = "without the ministry's return, or the medical bureau's list, nothing is decided of it"
today   = 2026-11-21
missing = ["human_resources/insured_elsewhere"]
person  = [{ person = "Lapsed", birth_on = 1985-01-01 }]
household_survey = [{ person = "Lapsed", surveyed_on = 2026-08-02, residence = "away" }]
contribution = [{ person = "Lapsed", month = 2026-03-01 }]
finds   = []
unknown = ["Lapsed/pension", "Lapsed/medical"]

[[example]]
why     = "the medical bureau's list is not to be had: the pension is judged all the same"
today   = 2026-11-21
missing = ["medical_insurance/resident_enrollment"]
person  = [{ person = "Lapsed", birth_on = 1985-01-01 }]
household_survey = [{ person = "Lapsed", surveyed_on = 2026-08-02, residence = "away" }]
contribution = [{ person = "Lapsed", month = 2026-03-01 }]
finds   = ["Lapsed/pension"]
unknown = ["Lapsed/medical"]
*/
select found.person_key as subject_key,
       found.person_key,
       found.matter,
       found.area,
       found.region,
       case when found.doubt is null then 'FOUND' else 'UNKNOWN' end as verdict,
       found.doubt as unknown_because,
       found.visited_on,
       found.last_paid as last_month_paid,
       case when :missing = '' then 'confirmed' else 'to_be_checked' end as certainty,
       nullif(:missing, '') as not_delivered,
       array_agg(distinct household_survey) as household_survey,
       array_agg(distinct enrollment) filter (where enrollment.person_key is not null) as enrollment
from (
    select away.person_key, away.area, away.region, away.visited_on, asked.matter,
           case when asked.matter = 'pension' then paying.last_paid end as last_paid,
           case
               when position('human_resources/insured_elsewhere' in :missing) > 0
                   then 'perhaps insured where the work is: human_resources/insured_elsewhere is not to be had'
               when asked.matter = 'medical'
                   then case when position('medical_insurance/' in :missing) > 0
                             then 'a list of the medical bureau is not to be had' end
               when away.months_of_age is null or away.working_until is null
                   then 'the register gives no birth date or no sex'
               when away.months_of_age > away.working_until
                   then 'at this age the statutory retirement age depends on the post'
               when paying.last_assessed > :period - make_interval(months => :collection_lag_months + :interruption_months)
                   then 'contributions were assessed and did not arrive: the employer''s arrears'
           end as doubt
    from (
        select person.person_key, coalesce(visit.area, person.area) as area, person.region, latest.visited_on,
               months(:period) - months(person.birth_on) as months_of_age,
               scheme.working_until
               + greatest(0, least(scheme.cap, (months(person.birth_on) - months(scheme.first) + scheme.step)
                                               / scheme.step)) as working_until,
               scheme.undetermined_until
        from (
            select person_key, max(surveyed_on) as visited_on
            from household_survey
            where surveyed_on <= :today
            group by person_key
        ) as latest
        join (
            select person_key, surveyed_on, min(area) as area
            from household_survey
            where residence = 'away'
            group by person_key, surveyed_on
        ) as visit on visit.person_key = latest.person_key and visit.surveyed_on = latest.visited_on
        join person on person.person_key = latest.person_key
        left join jsonb_to_recordset(:retirement_scheme)
            as scheme (sex text, working_until integer, first date, step integer, cap integer, undetermined_until integer)
            on scheme.sex = person.sex
        where person.status = 'normal'
    ) as away
    cross join (values ('pension'), ('medical')) as asked (matter)
    -- what was paid, and whether anything is to be paid: the last month, or a spell that has been open so long
    left join (
        select person_key, max(last_paid) as last_paid, max(last_assessed) as last_assessed
        from (
            select person_key, max(month) filter (where paid) as last_paid,
                   max(month) filter (where not paid) as last_assessed
            from pension_month
            group by person_key
            union all
            select person_key, null, null
            from pension_spell
            where insurance = 'employee_pension' and state in ('active', 'suspended') and ends_on >= :data_until
              and starts_on <= :period - make_interval(months => :collection_lag_months + :interruption_months - 1)
        ) as either
        group by person_key
    ) as paying on paying.person_key = away.person_key and asked.matter = 'pension'
    -- insured in another way, or in another place
    left join (
        select distinct person_key
        from pension_spell
        where (insurance <> 'employee_pension' or coalesce(region, :region) not like rtrim(:region, '0') || '%')
          and state = 'active' and starts_on < :data_until and ends_on >= :data_until
    ) as otherwise on otherwise.person_key = away.person_key and asked.matter = 'pension'
    left join (
        select distinct person_key
        from medical_spell
        where state <> 'suspended' and starts_on < :data_until and ends_on >= :data_until
    ) as treated on treated.person_key = away.person_key and asked.matter = 'medical'
    left join pensioner on pensioner.person_key = away.person_key and asked.matter = 'pension'
    left join retiree on retiree.person_key = away.person_key and asked.matter = 'pension'
    left join (
        select distinct person_key
        from benefit
        where kind = 'unemployment'
          and starts_on <= :period - make_interval(months => :collection_lag_months)
          and ends_on > :period - make_interval(months => :collection_lag_months + :interruption_months - 1)
    ) as unemployed on unemployed.person_key = away.person_key and asked.matter = 'pension'
    -- away otherwise now; for a lapse in any of the months counted
    left join (
        select person_key, bool_or(ends_on >= :data_until and lasting) as now
        from absence
        where ends_on > :period - make_interval(months => :collection_lag_months + :interruption_months - 1)
        group by person_key
    ) as absent on absent.person_key = away.person_key
    where (asked.matter = 'medical' and treated.person_key is null and absent.now is not true)
       or (asked.matter = 'pension'
           and paying.person_key is not null
           and coalesce(paying.last_paid
                        <= :period - make_interval(months => :collection_lag_months + :interruption_months), true)
           and otherwise.person_key is null
           and pensioner.person_key is null
           and retiree.person_key is null
           and unemployed.person_key is null
           and absent.person_key is null
           and (away.months_of_age is null or away.months_of_age < :working_age_until * 12)
           and (away.months_of_age is null or away.working_until is null
                or away.months_of_age <= greatest(away.working_until, away.undetermined_until)))
) as found
join household_survey
    on household_survey.person_key = found.person_key and household_survey.surveyed_on = found.visited_on
left join enrollment on enrollment.person_key = found.person_key
group by found.person_key, found.matter, found.area, found.region, found.doubt, found.visited_on, found.last_paid;
