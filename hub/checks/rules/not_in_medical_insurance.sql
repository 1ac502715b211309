/*
id         = "P19"
title      = "On a list of those who are to be covered, in no medical insurance (重点人群未参加基本医保)"
subject    = "person"
severity   = "medium"
basis      = [
  "盐城市社会保险扩面征缴三年提升行动计划 三(三)3", "山东省全面实施全民参保计划工作方案(2018) 二(一)3",
  "社会保险法 第二十三条、第二十五条",
]
needs      = [
  "medical_insurance/resident_enrollment", "medical_insurance/employee_enrollment", "public_security/population",
  "public_security/change", "civil_affairs/cremation",
]
misses     = [
  "medical_insurance/resident_enrollment", "medical_insurance/employee_enrollment", "public_security/change",
  "civil_affairs/cremation",
]
consults   = [
  "health/vaccination", "health/check_up", "education/student", "civil_affairs/low_income",
  "civil_affairs/low_income_person", "civil_affairs/low_income_margin", "civil_affairs/destitute",
  "disabled_persons_federation/certificate", "agriculture/poverty_relief", "justice/sentence",
  "human_resources/insured_elsewhere",
]
parameters = ["vaccinated_age", "newborn_grace_days", "hardship_kinds"]

[explanation]
zh = "四类名册上的本地人员未参加职工医保，也未参加居民医保：vaccinated 预防接种儿童，examined 参加体检成年居民，student 在校学生，assisted 政府资助的救助对象。每张名册各为一项，由相应部门（卫健、教育、民政等）协同动员参保；某张名册未到位的，只是该项不作判断。已死亡、迁出、入伍、服刑、异地参加医保及出生未满规定天数的新生儿不列入；已参保而暂停的属于断缴，不在此列。人口库没有的人员可能在户籍地参保，不作判断；异地参保数据未到位的，在校学生也不作判断。"
en = "Somebody registered here and on a list of those who are to be covered is in neither the employees' nor the residents' medical insurance: vaccinated children, examined adults, students, the assisted. Each list is a matter of its own, for the office that keeps it; where a list is not to be had, only its matter is left undecided. The dead, those who moved, soldiers, prisoners, those insured elsewhere and newborns within the days to register are left out; an enrollment that is suspended is a lapse and not meant here. Who is not in the population register may be insured at home: nothing is decided."

[[example]]
why    = "each list by itself, and a person on two of them"
today  = 2026-11-21
person = [
  { person = "Child", birth_on = 2019-01-05 }, { person = "Examined", birth_on = 1970-01-01 },
  { person = "Student", birth_on = 2005-01-01 }, { person = "Poor", birth_on = 1980-01-01 },
  { person = "Poor and examined", birth_on = 1980-01-01 },
]
life_event = [
  { person = "Child", kind = "vaccinated", happened_on = 2026-03-05 },
  { person = "Examined", kind = "examined", happened_on = 2026-03-05 },
  { person = "Student", kind = "studying", happened_on = 2023-09-01, ends_on = 2027-07-01, state = "in_school" },
  { person = "Poor and examined", kind = "examined", happened_on = 2025-03-05 },
]
assistance = [
  { person = "Poor" }, { person = "Poor and examined", kind = "disability", level = "1" },
]
finds  = [
  "Child/vaccinated", "Examined/examined", "Student/student", "Poor/assisted", "Poor and examined/examined",
  "Poor and examined/assisted",
]

[[example]]
why    = "in any medical insurance, whatever its state and place; a pension is none"
today  = 2026-11-21
person = [
  { person = "Resident", birth_on = 2019-01-05 }, { person = "Employee", birth_on = 1970-01-01 },
  { person = "Suspended", birth_on = 1970-01-01 }, { person = "Elsewhere", birth_on = 2005-01-01 },
  { person = "Pension only", birth_on = 1970-01-01 }, { person = "Ended", birth_on = 1970-01-01 },
]
life_event = [
  { person = "Resident", kind = "vaccinated", happened_on = 2026-03-05 },
  { person = "Employee", kind = "examined", happened_on = 2026-03-05 },
  { person = "Suspended", kind = "examined", happened_on = 2026-03-05 },
  { person = "Elsewhere", kind = "studying", happened_on = 2023-09-01, ends_on = 2027-07-01, state = "in_school" },
  { person = "Pension only", kind = "examined", happened_on = 2026-03-05 },
  { person = "Ended", kind = "examined", happened_on = 2026-03-05 },
]
enrollment = [
  { person = "Resident", insurance = "resident_medical", starts_on = 2019-02-01 },
  { person = "Employee", insurance = "employee_medical", employer = "Shop", starts_on = 2019-02-01 },
  { person = "Suspended", insurance = "employee_medical", starts_on = 2019-02-01, state = "suspended" },
  { person = "Elsewhere", insurance = "resident_medical", starts_on = 2023-09-01, region = "370100" },
  { person = "Pension only", employer = "Shop", starts_on = 2019-02-01 },
  { person = "Ended", insurance = "resident_medical", starts_on = 2019-02-01, ends_on = 2025-01-01, state = "ended" },
]
finds  = ["Pension only/examined", "Ended/examined"]

[[example]]
why    = "eight years old, newly born, no longer at school or in hardship, slightly disabled, away or dead"
today  = 2026-11-21
person = [
  { person = "Eight", birth_on = 2018-11-01 }, { person = "Newborn", birth_on = 2026-08-03 },
  { person = "Graduate", birth_on = 2003-01-01 }, { person = "No longer poor", birth_on = 1980-01-01 },
  { person = "Slightly disabled", birth_on = 1980-01-01 }, { person = "Dead", birth_on = 1940-01-01 },
  { person = "Moved", birth_on = 1980-01-01, status = "moved_out" }, { person = "Prisoner", birth_on = 1980-01-01 },
]
life_event = [
  { person = "Eight", kind = "vaccinated", happened_on = 2026-03-05 },
  { person = "Newborn", kind = "vaccinated", happened_on = 2026-08-04 },
  { person = "Graduate", kind = "studying", happened_on = 2021-09-01, ends_on = 2025-07-01, state = "graduated" },
  { person = "Dead", kind = "examined", happened_on = 2026-03-05 },
  { person = "Dead", kind = "cremation", happened_on = 2026-06-05 },
  { person = "Moved", kind = "examined", happened_on = 2026-03-05 },
  { person = "Prisoner", kind = "imprisoned", happened_on = 2024-01-01, ends_on = 2029-01-01 },
]
assistance = [
  { person = "No longer poor", ends_on = 2026-06-01 }, { person = "Slightly disabled", kind = "disability", level = "3" },
  { person = "Prisoner" },
]
finds  = []

[[example]]
why     = "a list that is stale decides nothing, the others stand; from another place, perhaps insured there"
today   = 2026-11-21
missing = ["health/vaccination", "civil_affairs/low_income", "human_resources/insured_elsewhere"]
person  = [
  { person = "Child", birth_on = 2019-01-05 }, { person = "Examined", birth_on = 1970-01-01 },
  { person = "Poor by the other list", birth_on = 1980-01-01 }, { person = "Student", birth_on = 2005-01-01 },
  { person = "From elsewhere", birth_on = 1980-01-01, status = "introduced" },
]
life_event = [
  { person = "Child", kind = "vaccinated", happened_on = 2026-03-05 },
  { person = "Examined", kind = "examined", happened_on = 2026-03-05 },
  { person = "Student", kind = "studying", happened_on = 2023-09-01, ends_on = 2027-07-01, state = "in_school" },
  { person = "From elsewhere", kind = "examined", happened_on = 2026-03-05 },
]
assistance = [{ person = "Poor by the other list" }]
finds   = ["Examined/examined", "Poor by the other list/assisted"]
unknown = ["Child/vaccinated", "Student/student", "From elsewhere/examined"]
*/
select left_over.person_key as subject_key,
       left_over.person_key,
       left_over.matter,
       left_over.area,
       left_over.region,
       case when left_over.doubt is null then 'FOUND' else 'UNKNOWN' end as verdict,
       left_over.doubt as unknown_because,
       left_over.months_of_age / 12 as age,
       case when :missing = '' then 'confirmed' else 'to_be_checked' end as certainty,
       nullif(:missing, '') as not_delivered,
       array_agg(distinct life_event) filter (where life_event.person_key is not null) as life_event,
       array_agg(distinct hardship.assistance) filter (where hardship.person_key is not null) as assistance
from (
    select listed.person_key, listed.matter, person.area, person.region,
           months(:period) - months(person.birth_on) as months_of_age,
           case
               when not listed.to_be_had
                   then 'the list that says so is not to be had: ' || listed.delivery
               when person.status = 'introduced'
                   then 'not in the population register: perhaps insured where registered'
               when person.birth_on is null
                   then 'the birth date is not known'
               when listed.matter = 'student' and position('human_resources/insured_elsewhere' in :missing) > 0
                   then 'perhaps insured where the school is: human_resources/insured_elsewhere is not to be had'
           end as doubt
    from (
        select told.person_key, list.matter, max(list.delivery) as delivery,
               bool_or(position(', ' || list.delivery || ', ' in ', ' || :missing || ', ') = 0) as to_be_had
        from (
            select person_key, kind
            from life_event
            where kind in ('vaccinated', 'examined')
               or (kind = 'studying' and coalesce(state, 'in_school') in ('in_school', 'suspended')
                   and happened_on < :data_until and ends_on >= :data_until)
            union all
            select hardship.person_key, hardship.kind
            from hardship
            join (select jsonb_array_elements_text(:hardship_kinds) as kind) as helped on helped.kind = hardship.kind
            where hardship.starts_on < :data_until and hardship.ends_on >= :data_until
        ) as told
        join (
            values ('vaccinated', 'vaccinated', 'health/vaccination'),
                   ('examined', 'examined', 'health/check_up'),
                   ('studying', 'student', 'education/student'),
                   ('low_income', 'assisted', 'civil_affairs/low_income'),
                   ('low_income', 'assisted', 'civil_affairs/low_income_person'),
                   ('low_income_margin', 'assisted', 'civil_affairs/low_income_margin'),
                   ('destitute', 'assisted', 'civil_affairs/destitute'),
                   ('severe_disability', 'assisted', 'disabled_persons_federation/certificate'),
                   ('lifted_out_of_poverty', 'assisted', 'agriculture/poverty_relief'),
                   ('registered_poor', 'assisted', 'agriculture/poverty_relief')
        ) as list (kind, matter, delivery) on list.kind = told.kind
        group by told.person_key, list.matter
    ) as listed
    join person on person.person_key = listed.person_key
    left join (
        select distinct person_key from medical_spell where starts_on < :data_until and ends_on >= :data_until
    ) as insured on insured.person_key = listed.person_key
    left join (
        select distinct person_key from absence where ends_on >= :data_until and lasting and kind <> 'studying'
    ) as absent on absent.person_key = listed.person_key
    where person.status in ('normal', 'introduced')
      and insured.person_key is null
      and absent.person_key is null
      -- the days to register a newborn are over
      and (person.birth_on is null or person.birth_on + :newborn_grace_days < :data_until)
      and (listed.matter <> 'vaccinated' or person.birth_on is null
           or person.birth_on + make_interval(years => :vaccinated_age + 1) > :data_until)
) as left_over
left join life_event
    on life_event.person_key = left_over.person_key
   and life_event.kind = case left_over.matter when 'student' then 'studying' else left_over.matter end
left join hardship on hardship.person_key = left_over.person_key and left_over.matter = 'assisted'
group by left_over.person_key, left_over.matter, left_over.area, left_over.region, left_over.doubt,
         left_over.months_of_age;
