/*
id         = "P06"
title      = "In hardship, in no pension insurance (困难群体未参保)"
subject    = "person"
severity   = "high"
basis      = ["荣政办发〔2024〕3号 措施1", "乌海政发〔2020〕17号 四(一)4、五(二)4", "山东省全面实施全民参保计划工作方案(2018) 二(一)3", "国发〔2014〕8号 三"]
needs      = [
  "civil_affairs/low_income", "civil_affairs/destitute", "public_security/population", "public_security/change",
  "civil_affairs/cremation", "human_resources/enrollment", "human_resources/resident_pension", "human_resources/benefit",
]
misses     = [
  "human_resources/enrollment", "human_resources/resident_pension", "human_resources/benefit",
  "public_security/change", "civil_affairs/cremation",
]
consults   = ["education/student", "justice/sentence", "human_resources/insured_elsewhere"]
parameters = ["resident_pension_age_from", "student_age_until"]

[explanation]
zh = "享受低保或特困供养、年满16周岁的人员，未参加任何养老保险，也未领取养老待遇。应由政府代缴最低档次保费，做到应保尽保。在校学生除外；学生名单未到位时，16至24周岁人员不作判断。"
en = "A recipient of the minimum living allowance or of support for the destitute, 16 or older, is in no pension insurance and draws no pension. The government pays the lowest band for them: register the person."

[[example]]
why     = "low income and in no insurance is found, whatever the age; drawing or enrolled is not"
today   = 2026-11-21
person  = [
  { person = "Poor", birth_on = 1980-01-01 },
  { person = "Poor and old", birth_on = 1950-01-01 },
  { person = "Poor and drawing", birth_on = 1950-01-01 },
  { person = "Poor and enrolled", birth_on = 1980-01-01 },
  { person = "Poor and graduated", birth_on = 2003-01-01 },
]
assistance = [
  { person = "Poor" }, { person = "Poor and old", kind = "destitute" }, { person = "Poor and drawing" },
  { person = "Poor and enrolled" }, { person = "Poor and graduated" },
]
life_event = [
  { person = "Poor and graduated", kind = "studying", happened_on = 2022-09-01, ends_on = 2027-07-01, state = "graduated" },
]
benefit = [{ person = "Poor and drawing", kind = "resident_pension", starts_on = 2015-01-01 }]
enrollment = [{ person = "Poor and enrolled", insurance = "resident_pension", starts_on = 2015-01-01 }]
finds   = ["Poor", "Poor and old", "Poor and graduated"]

[[example]]
why     = "a child, assistance that ended or is suspended, the dead and those who moved away are not found"
today   = 2026-11-21
person  = [
  { person = "Child", birth_on = 2010-11-01 },
  { person = "No longer poor", birth_on = 1980-01-01 },
  { person = "Suspended", birth_on = 1980-01-01 },
  { person = "Dead", birth_on = 1980-01-01, status = "dead" },
  { person = "Cremated", birth_on = 1980-01-01 },
  { person = "Student", birth_on = 2006-01-01 },
]
assistance = [
  { person = "Child" }, { person = "No longer poor", ends_on = 2026-10-01 }, { person = "Suspended", state = "suspended" },
  { person = "Dead" }, { person = "Cremated" }, { person = "Student" },
]
life_event = [
  { person = "Cremated", kind = "cremation", happened_on = 2026-10-02 },
  { person = "Student", kind = "studying", happened_on = 2024-09-01, ends_on = 2028-07-01 },
]
finds   = []

[[example]]
why     = "without the list of students the young are not judged; both kinds of assistance are one finding"
today   = 2026-11-21
missing = ["education/student"]
person  = [{ person = "Twenty", birth_on = 2006-01-01 }, { person = "Forty", birth_on = 1986-01-01 }]
assistance = [{ person = "Twenty" }, { person = "Forty" }, { person = "Forty", kind = "destitute" }]
finds   = ["Forty"]
unknown = ["Twenty"]
*/
select left_over.person_key as subject_key,
       left_over.person_key,
       coalesce(left_over.area, min(assistance.area)) as area,
       left_over.region,
       case when left_over.doubt is null then 'FOUND' else 'UNKNOWN' end as verdict,
       left_over.doubt as unknown_because,
       string_agg(distinct assistance.kind, ', ') as assistance_kinds,
       left_over.months_of_age / 12 as age,
       case when :missing = '' then 'confirmed' else 'to_be_checked' end as certainty,
       nullif(:missing, '') as not_delivered,
       array_agg(assistance) as assistance
from (
    select counted.*,
           case
               when counted.months_of_age is null
                   then 'the birth date is not known'
               when counted.months_of_age < :student_age_until * 12 and position('education/student' in :missing) > 0
                   then 'perhaps a student: education/student is not to be had'
           end as doubt
    from (
        select person.person_key, person.area, person.region,
               (extract(year from :period) - extract(year from person.birth_on))::integer * 12
               + (extract(month from :period) - extract(month from person.birth_on))::integer as months_of_age
        from person
        where person.status in ('normal', 'introduced')
    ) as counted
    left join (
        select distinct person_key
        from enrollment
        where insurance in ('employee_pension', 'organ_pension', 'resident_pension')
          and starts_on < :data_until and ends_on >= :data_until
          and (state <> 'ended' or ends_on < date '9999-12-31')
    ) as insured on insured.person_key = counted.person_key
    left join (
        select distinct person_key
        from benefit
        where kind in ('employee_pension', 'organ_pension', 'resident_pension') and state <> 'ended'
    ) as drawing on drawing.person_key = counted.person_key
    left join (
        select distinct person_key
        from life_event
        where kind in ('death', 'cremation', 'moved_out', 'emigrated', 'enlisted', 'cancelled', 'imprisoned', 'studying')
          and ends_on >= :data_until
          and coalesce(state, '') not in ('left', 'graduated')  -- still on the school's list, but no student
    ) as gone on gone.person_key = counted.person_key
    where insured.person_key is null
      and drawing.person_key is null
      and gone.person_key is null
      and (counted.months_of_age is null or counted.months_of_age >= :resident_pension_age_from * 12)
) as left_over
join assistance on assistance.person_key = left_over.person_key
where assistance.kind in ('low_income', 'destitute')
  and assistance.state = 'active'
  and assistance.starts_on < :data_until
  and assistance.ends_on >= :data_until
group by left_over.person_key, left_over.area, left_over.region, left_over.doubt, left_over.months_of_age;
