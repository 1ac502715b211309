/*
id         = "P15"
title      = "Graduate of the last years, in no pension insurance (离校毕业生未参保)"
subject    = "person"
severity   = "low"
basis      = ["荣政办发〔2024〕3号 措施8、措施13"]
needs      = [
  "human_resources/unemployed_graduates", "education/student", "public_security/population", "public_security/change",
  "human_resources/enrollment", "human_resources/resident_pension",
]
misses     = ["human_resources/enrollment", "human_resources/resident_pension", "public_security/change"]
consults   = ["justice/sentence", "human_resources/insured_elsewhere", "civil_affairs/cremation"]
parameters = ["graduate_subsidy_years"]

[explanation]
zh = "离校未满规定年限、在离校未就业毕业生实名名册上或教育部门标为毕业的本地户籍毕业生，未参加任何养老保险。请上门或电话指导其就业参保，并告知从事灵活就业并缴费的可申请社保补贴；这是服务线索，不是催办。已死亡、迁出、入伍、服刑、继续在读、异地参保的不列入；名册显示已就业、升学、参军的和预计毕业日期已过但仍标为在读的，不作判断。"
en = "Somebody registered here who left school within the years of the subsidy, by the roll of graduates without work or by the list of students, is in no pension insurance. Offer guidance, and tell of the subsidy for those who work flexibly and pay: it is a service, not a reminder. Who went on to study, serves, or is insured elsewhere is left out; where the roll says that work, study or service was taken up, or the list still says 'in school' after the expected end, nothing is decided."

[[example]]
why    = "on the roll since June, or graduated by the list of students a year ago: in no insurance"
today  = 2026-11-21
person = [
  { person = "On the roll", birth_on = 2003-05-01 }, { person = "By the list", birth_on = 2002-05-01 },
  { person = "By both", birth_on = 2002-05-01 },
]
employment = [
  { person = "On the roll", kind = "graduate_registered", starts_on = 2026-06-01, state = "active" },
  { person = "By both", kind = "graduate_registered", starts_on = 2026-07-01, state = "active" },
]
life_event = [
  { person = "By the list", kind = "studying", happened_on = 2021-09-01, ends_on = 2025-07-01, state = "graduated" },
  { person = "By both", kind = "studying", happened_on = 2022-09-01, ends_on = 2026-07-01, state = "in_school" },
]
finds  = ["On the roll", "By the list", "By both"]

[[example]]
why    = "left school two years ago to the day, never finished it, or is insured in whatever way or place"
today  = 2026-11-21
person = [
  { person = "Long ago", birth_on = 2000-05-01 }, { person = "Gave up", birth_on = 2003-05-01 },
  { person = "Resident", birth_on = 2003-05-01 }, { person = "Employee", birth_on = 2003-05-01 },
  { person = "Elsewhere", birth_on = 2003-05-01 }, { person = "Lapsed", birth_on = 2003-05-01 },
]
employment = [
  { person = "Long ago", kind = "graduate_registered", starts_on = 2024-11-01, state = "active" },
  { person = "Resident", kind = "graduate_registered", starts_on = 2026-06-01 },
  { person = "Employee", kind = "graduate_registered", starts_on = 2026-06-01 },
  { person = "Elsewhere", kind = "graduate_registered", starts_on = 2026-06-01 },
  { person = "Lapsed", kind = "graduate_registered", starts_on = 2026-06-01 },
]
life_event = [
  { person = "Gave up", kind = "studying", happened_on = 2022-09-01, ends_on = 2026-07-01, state = "left" },
]
enrollment = [
  { person = "Resident", insurance = "resident_pension", starts_on = 2020-01-01 },
  { person = "Employee", employer = "Shop", starts_on = 2026-08-01 },
  { person = "Elsewhere", starts_on = 2026-08-01, region = "370202" },
  { person = "Lapsed", starts_on = 2026-08-01, state = "suspended" },
]
finds  = []

[[example]]
why    = "went on to study, joined the army, moved away, died or draws a pension"
today  = 2026-11-21
person = [
  { person = "Student again", birth_on = 2003-05-01 }, { person = "Soldier", birth_on = 2003-05-01 },
  { person = "Moved", birth_on = 2003-05-01, status = "moved_out" }, { person = "Dead", birth_on = 2003-05-01 },
  { person = "Orphan's pension", birth_on = 2003-05-01 },
]
employment = [
  { person = "Student again", kind = "graduate_registered", starts_on = 2026-06-01 },
  { person = "Soldier", kind = "graduate_registered", starts_on = 2026-06-01 },
  { person = "Moved", kind = "graduate_registered", starts_on = 2026-06-01 },
  { person = "Dead", kind = "graduate_registered", starts_on = 2026-06-01 },
  { person = "Orphan's pension", kind = "graduate_registered", starts_on = 2026-06-01 },
]
life_event = [
  { person = "Student again", kind = "studying", happened_on = 2026-09-01, ends_on = 2029-07-01, state = "in_school" },
  { person = "Soldier", kind = "enlisted", happened_on = 2026-09-01 },
  { person = "Dead", kind = "cremation", happened_on = 2026-09-01 },
]
benefit = [{ person = "Orphan's pension", starts_on = 2020-01-01 }]
finds  = []

[[example]]
why    = "still listed as in school, graduated nobody says when, at work by the roll, or from another place"
today  = 2026-11-21
person = [
  { person = "Still listed", birth_on = 2003-05-01 }, { person = "Early", birth_on = 2003-05-01 },
  { person = "At work", birth_on = 2003-05-01 }, { person = "From elsewhere", birth_on = 2003-05-01, status = "introduced" },
]
employment = [
  { person = "At work", kind = "graduate_registered", starts_on = 2026-06-01, ends_on = 2026-08-10, state = "ended" },
  { person = "From elsewhere", kind = "graduate_registered", starts_on = 2026-06-01 },
]
life_event = [
  { person = "Still listed", kind = "studying", happened_on = 2022-09-01, ends_on = 2026-07-01, state = "in_school" },
  { person = "Early", kind = "studying", happened_on = 2023-09-01, ends_on = 2027-07-01, state = "graduated" },
  { person = "At work", kind = "studying", happened_on = 2022-09-01, ends_on = 2026-07-01, state = "graduated" },
]
finds   = []
unknown = ["Still listed", "Early", "At work", "From elsewhere"]
*/
select left_over.person_key as subject_key,
       left_over.person_key,
       left_over.area,
       left_over.region,
       case when left_over.doubt is null then 'FOUND' else 'UNKNOWN' end as verdict,
       left_over.doubt as unknown_because,
       left_over.graduated_on,
       left_over.on_the_roll,
       case when :missing = '' then 'confirmed' else 'to_be_checked' end as certainty,
       nullif(:missing, '') as not_delivered,
       array_agg(distinct employment) filter (where employment.person_key is not null) as employment,
       array_agg(distinct life_event) filter (where life_event.person_key is not null) as life_event
from (
    select graduate.person_key, person.area, person.region, graduate.graduated_on, graduate.on_the_roll,
           case
               when graduate.taken_up
                   then 'the roll of graduates says that work, further study or service was taken up'
               when person.status = 'introduced'
                   then 'not in the population register: perhaps insured elsewhere'
               when not graduate.certain
                   then graduate.doubt
           end as doubt
    from (
        select person_key, max(graduated_on) as graduated_on, bool_or(on_the_roll) as on_the_roll,
               bool_or(taken_up) as taken_up, bool_or(doubt is null) as certain, max(doubt) as doubt
        from (
            select person_key, starts_on as graduated_on, true as on_the_roll,
                   state = 'ended' or ends_on < :data_until as taken_up, null as doubt
            from employment
            where kind = 'graduate_registered' and starts_on < :data_until
            union all
            select person_key, case when ends_on < :data_until then ends_on end, false, false,
                   case when ends_on >= :data_until then 'graduated before the expected month: when is not told'
                        when state = 'in_school' then 'the expected end has passed, and the list still says in school' end
            from life_event
            where kind = 'studying' and (state = 'graduated' or (state = 'in_school' and ends_on < :data_until))
        ) as told
        where graduated_on is null or graduated_on > :today - make_interval(years => :graduate_subsidy_years)
        group by person_key
    ) as graduate
    join person on person.person_key = graduate.person_key
    left join (
        select distinct person_key from pension_spell where starts_on < :data_until and ends_on >= :data_until
    ) as insured on insured.person_key = graduate.person_key
    left join pensioner on pensioner.person_key = graduate.person_key
    left join (
        select distinct person_key from absence where ends_on >= :data_until and lasting
    ) as absent on absent.person_key = graduate.person_key
    where person.status in ('normal', 'introduced')
      and insured.person_key is null
      and pensioner.person_key is null
      and absent.person_key is null
) as left_over
left join employment on employment.person_key = left_over.person_key and employment.kind = 'graduate_registered'
left join life_event on life_event.person_key = left_over.person_key and life_event.kind = 'studying'
group by left_over.person_key, left_over.area, left_over.region, left_over.doubt, left_over.graduated_on,
         left_over.on_the_roll;
