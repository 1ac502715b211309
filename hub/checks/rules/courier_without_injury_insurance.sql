/*
id         = "U15B"
title      = "Couriers are not in injury insurance (快递员未参加工伤保险)"
subject    = "employer"
severity   = "high"
among      = ["transport/courier"]
basis      = ["荣政办发〔2024〕3号 一(二)、措施5", "人社厅发〔2021〕101号", "工伤保险条例 第二条、第十条"]
needs      = [
  "transport/courier", "human_resources/enrollment", "human_resources/benefit", "market_supervision/registration",
  "market_supervision/cancellation", "public_security/population",
]
misses     = ["human_resources/enrollment"]
consults   = ["education/student", "human_resources/insured_elsewhere"]
parameters = ["new_hire_grace_days", "student_age_until", "retirement_scheme"]

[explanation]
zh = "快递员名册中的在岗快递员，没有任何单位为其参加工伤保险。网点可以优先参加工伤保险，覆盖率要求为100%，因此不设差异人数。在异地参加养老保险而工伤保险情况不明的不计入。已扣除领取养老待遇和退休人员、在校学生、入职三十日内的人员，以及由其他单位（含劳务派遣单位、异地单位）参保的人员；可能是学生或已到退休年龄的不计入。以灵活就业身份参保不免除单位的义务。未在本地登记的单位可能在登记地参保，不作判断。请核对名册，督促单位参保。"
en = "Couriers on the roll whom no employer has in injury insurance. Outlets may take it out first, and it is to cover all of them, so that one is enough. Who is in pension insurance in another place, of which injury insurance is not told, is not counted. Left out are the retired, students, those hired within thirty days and whom another employer enrolled, an agency or one in another place; who may be a student or past retirement is not counted. Insurance as a self-employed person does not free the employer of its duty. An employer registered in another place may insure there and is not judged. Compare the roll with the enrollments, and urge the employer to enroll."

[[example]]
why      = "two of three are enrolled by nobody; self-employed insurance is not the employer's, an agency's is"
today    = 2026-11-21
employer = [{ employer = "Swift", registered_on = 2015-01-01 }, { employer = "Whole", registered_on = 2015-01-01 }]
person   = [
  { person = "Enrolled", birth_on = 1985-01-01 }, { person = "Missing", birth_on = 1985-01-01 },
  { person = "Flexible", birth_on = 1985-01-01 }, { person = "Dispatched", birth_on = 1985-01-01 },
]
employment = [
  { person = "Enrolled", employer = "Swift", kind = "courier", delivery = "transport/courier" },
  { person = "Missing", employer = "Swift", kind = "courier", delivery = "transport/courier" },
  { person = "Flexible", employer = "Swift", kind = "courier", delivery = "transport/courier" },
  { person = "Dispatched", employer = "Whole", kind = "courier", delivery = "transport/courier" },
  { person = "Missing", employer = "Whole", kind = "courier", delivery = "another/roll" },
]
enrollment = [
  { person = "Enrolled", employer = "Swift", insurance = "injury", starts_on = 2020-01-01 },
  { person = "Flexible", contributor = "flexible", starts_on = 2020-01-01 },
  { person = "Dispatched", employer = "Agency", insurance = "injury", starts_on = 2020-01-01 },
]
finds    = ["Swift"]

[[example]]
why      = "the retired, students, those hired within thirty days, who left, and whom another place insures need not be"
today    = 2026-11-21
employer = [{ employer = "Swift", registered_on = 2015-01-01 }]
person   = [
  { person = "Pensioner", birth_on = 1966-01-01 }, { person = "Old", birth_on = 1955-01-01 },
  { person = "Student", birth_on = 2005-01-01 }, { person = "New", birth_on = 1985-01-01 },
  { person = "Left", birth_on = 1985-01-01 }, { person = "Elsewhere", birth_on = 1985-01-01 },
]
employment = [
  { person = "Pensioner", employer = "Swift", kind = "courier", delivery = "transport/courier" },
  { person = "Old", employer = "Swift", kind = "courier", delivery = "transport/courier" },
  { person = "Student", employer = "Swift", kind = "courier", delivery = "transport/courier" },
  { person = "New", employer = "Swift", kind = "courier", starts_on = 2026-10-15, delivery = "transport/courier" },
  { person = "Left", employer = "Swift", kind = "courier", ends_on = 2026-06-01, delivery = "transport/courier" },
  { person = "Elsewhere", employer = "Swift", kind = "courier", delivery = "transport/courier" },
]
benefit  = [{ person = "Pensioner", starts_on = 2020-01-01 }]
life_event = [{ person = "Student", kind = "studying", happened_on = 2023-09-01, ends_on = 2027-07-01 }]
enrollment = [{ person = "Elsewhere", insurance = "injury", starts_on = 2020-01-01, region = "370202" }]
finds    = []

[[example]]
why      = "a woman of 52 and one who may be a student, at an employer in order; an employer from another place"
today    = 2026-11-21
missing  = ["education/student"]
employer = [{ employer = "Swift", registered_on = 2015-01-01 }, { employer = "From elsewhere", status = "introduced" }]
person   = [
  { person = "Woman", birth_on = 1974-06-01, sex = "female" }, { person = "Twenty", birth_on = 2006-06-01 },
  { person = "Missing", birth_on = 1985-01-01 },
]
employment = [
  { person = "Woman", employer = "Swift", kind = "courier", delivery = "transport/courier" },
  { person = "Twenty", employer = "Swift", kind = "courier", delivery = "transport/courier" },
  { person = "Missing", employer = "From elsewhere", kind = "courier", delivery = "transport/courier" },
]
finds    = []
unknown  = ["Swift", "From elsewhere"]
*/
select judged.employer_key as subject_key,
       judged.employer_key,
       judged.area,
       judged.region,
       case when judged.doubt is null then 'FOUND' else 'UNKNOWN' end as verdict,
       judged.doubt as unknown_because,
       judged.not_enrolled,
       judged.undecided,
       case when :missing = '' then 'confirmed' else 'to_be_checked' end as certainty,
       nullif(:missing, '') as not_delivered,
       judged.employer,
       judged.employment
from (
    select missing.*, employer.area, employer.region, employer.employer,
           case
               when missing.not_enrolled = 0
                   then 'whether persons near retirement age, in school or insured elsewhere must be insured is not known'
               else employer.doubt
           end as doubt
    from (
        select employer_key,
               count(distinct person_key) filter (where not undecided) as not_enrolled,
               count(distinct person_key) filter (where undecided) as undecided,
               array_agg(employment) filter (where not undecided) as employment
        from (
            select roster.employer_key, roster.person_key, roster.employment,
                   of_working_age(person.birth_on, person.sex, :period, :retirement_scheme) is null
                   or (months(:period) - months(person.birth_on) < :student_age_until * 12
                       and position('education/student' in :missing) > 0)
                   or elsewhere.person_key is not null as undecided
            from roster
            left join person on person.person_key = roster.person_key
            left join (
                select distinct person_key
                from employer_spell
                where employer_key = '00000000-0000-0000-0000-000000000000'
                  and starts_on <= :today and ends_on >= :data_until
            ) as elsewhere on elsewhere.person_key = roster.person_key
            left join (
                select distinct person_key
                from employer_spell
                where insurance = 'injury' and starts_on <= :today and ends_on >= :data_until
            ) as insured on insured.person_key = roster.person_key
            left join (
                select distinct person_key from exempt_worker where starts_on < :data_until and ends_on >= :data_until
            ) as exempted on exempted.person_key = roster.person_key
            where roster.delivery = 'transport/courier'
              and roster.starts_on + :new_hire_grace_days < :data_until and roster.ends_on > :data_until
              and insured.person_key is null
              and exempted.person_key is null
              and of_working_age(person.birth_on, person.sex, :period, :retirement_scheme) is not false
        ) as each
        group by employer_key
    ) as missing
    join obliged_employer as employer on employer.employer_key = missing.employer_key
    where employer.closes_on > :today
) as judged;
