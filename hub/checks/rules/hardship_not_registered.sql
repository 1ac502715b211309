/*
id         = "P06"
title      = "In hardship, in no pension insurance (困难群体未参保)"
subject    = "person"
severity   = "high"
basis      = ["荣政办发〔2024〕3号 措施1", "乌海政发〔2020〕17号 四(一)4、五(二)4", "山东省全面实施全民参保计划工作方案(2018) 二(一)3", "国发〔2014〕8号 三"]
needs      = [
  "civil_affairs/low_income", "civil_affairs/destitute", "disabled_persons_federation/certificate",
  "agriculture/poverty_relief", "public_security/population", "public_security/change", "civil_affairs/cremation",
  "human_resources/enrollment", "human_resources/resident_pension", "human_resources/benefit",
]
misses     = [
  "human_resources/enrollment", "human_resources/resident_pension", "human_resources/benefit",
  "public_security/change", "civil_affairs/cremation",
]
consults   = ["education/student", "justice/sentence", "human_resources/insured_elsewhere"]
parameters = ["hardship_kinds", "resident_pension_age_from", "student_age_until"]

[explanation]
zh = "低保、特困、重度残疾、脱贫享受政策等由政府代缴保费的困难人员（本地规定的类别），年满16周岁，未参加任何养老保险，也未领取养老待遇。应由政府代缴最低档次保费，做到应保尽保。在校学生除外；学生名单未到位时，16至24周岁人员不作判断。"
en = "Somebody for whom the government pays the premium (on low income, destitute, severely disabled, lifted out of poverty: as the region says), 16 or older, is in no pension insurance and draws no pension. The government pays the lowest band for them: register the person."

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
why     = "severely disabled or lifted out of poverty; a slight disability is no hardship, nor is another region's kind"
today   = 2026-11-21
person  = [
  { person = "Disabled", birth_on = 1980-01-01 },
  { person = "Slightly disabled", birth_on = 1980-01-01 },
  { person = "Lifted out", birth_on = 1980-01-01 },
  { person = "At the margin", birth_on = 1980-01-01 },
]
assistance = [
  { person = "Disabled", kind = "disability", level = "2" },
  { person = "Slightly disabled", kind = "disability", level = "3" },
  { person = "Lifted out", kind = "lifted_out_of_poverty" },
  { person = "At the margin", kind = "low_income_margin" },
]
finds   = ["Disabled", "Lifted out"]

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
       left_over.area,
       left_over.region,
       case when left_over.doubt is null then 'FOUND' else 'UNKNOWN' end as verdict,
       left_over.doubt as unknown_because,
       left_over.kinds as assistance_kinds,
       left_over.months_of_age / 12 as age,
       case when :missing = '' then 'confirmed' else 'to_be_checked' end as certainty,
       nullif(:missing, '') as not_delivered,
       left_over.assistance
from (
    select needy.*,
           case
               when needy.months_of_age is null
                   then 'the birth date is not known'
               when needy.months_of_age < :student_age_until * 12 and position('education/student' in :missing) > 0
                   then 'perhaps a student: education/student is not to be had'
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
    left join (
        select distinct person_key from pension_spell where starts_on < :data_until and ends_on >= :data_until
    ) as insured on insured.person_key = needy.person_key
    left join pensioner on pensioner.person_key = needy.person_key
    left join (
        select distinct person_key from absence where ends_on >= :data_until and lasting
    ) as absent on absent.person_key = needy.person_key
    where insured.person_key is null
      and pensioner.person_key is null
      and absent.person_key is null
      and (needy.months_of_age is null or needy.months_of_age >= :resident_pension_age_from * 12)
) as left_over;
