/*
id         = "U26A"
title      = "Crews of fishing vessels whom nobody has enrolled (渔船船员未参保)"
subject    = "employer"
severity   = "medium"
basis      = ["荣政办发〔2024〕3号 附件2", "社会保险法 第五十八条"]
needs      = [
  "marine/fishing_crew", "human_resources/enrollment", "human_resources/benefit", "market_supervision/registration",
  "market_supervision/cancellation", "public_security/population",
]
misses     = ["human_resources/enrollment"]
consults   = ["education/student", "human_resources/insured_elsewhere"]
parameters = ["new_hire_grace_days", "student_age_until", "retirement_scheme"]

[explanation]
zh = "渔船船员名册写明受雇单位的在船船员，没有任何单位为其参加养老、工伤等保险。未写明单位的船员由个人参保动员。已扣除领取养老待遇和退休人员、在校学生、入职三十日内的人员，以及由其他单位（含劳务派遣单位、异地单位）参保的人员；可能是学生或已到退休年龄的不计入。以灵活就业身份参保不免除单位的义务。未在本地登记的单位可能在登记地参保，不作判断。请核对名册，督促单位参保。"
en = "Crew members on board whose employer the roll names, and whom no employer has enrolled in any insurance. Left out are the retired, students, those hired within thirty days and whom another employer enrolled, an agency or one in another place; who may be a student or past retirement is not counted. Insurance as a self-employed person does not free the employer of its duty. An employer registered in another place may insure there and is not judged. Compare the roll with the enrollments, and urge the employer to enroll."

[[example]]
why      = "two of three are enrolled by nobody; self-employed insurance is not the employer's, an agency's is"
today    = 2026-11-21
employer = [{ employer = "Trawler", registered_on = 2015-01-01 }, { employer = "Whole", registered_on = 2015-01-01 }]
person   = [
  { person = "Enrolled", birth_on = 1985-01-01 }, { person = "Missing", birth_on = 1985-01-01 },
  { person = "Flexible", birth_on = 1985-01-01 }, { person = "Dispatched", birth_on = 1985-01-01 },
]
employment = [
  { person = "Enrolled", employer = "Trawler", kind = "crew", delivery = "marine/fishing_crew" },
  { person = "Missing", employer = "Trawler", kind = "crew", delivery = "marine/fishing_crew" },
  { person = "Flexible", employer = "Trawler", kind = "crew", delivery = "marine/fishing_crew" },
  { person = "Dispatched", employer = "Whole", kind = "crew", delivery = "marine/fishing_crew" },
  { person = "Missing", employer = "Whole", kind = "crew", delivery = "another/roll" },
]
enrollment = [
  { person = "Enrolled", employer = "Trawler", insurance = "injury", starts_on = 2020-01-01 },
  { person = "Flexible", contributor = "flexible", starts_on = 2020-01-01 },
  { person = "Dispatched", employer = "Agency", insurance = "injury", starts_on = 2020-01-01 },
]
finds    = ["Trawler"]

[[example]]
why      = "the retired, students, those hired within thirty days, who left, and whom another place insures need not be"
today    = 2026-11-21
employer = [{ employer = "Trawler", registered_on = 2015-01-01 }]
person   = [
  { person = "Pensioner", birth_on = 1966-01-01 }, { person = "Old", birth_on = 1955-01-01 },
  { person = "Student", birth_on = 2005-01-01 }, { person = "New", birth_on = 1985-01-01 },
  { person = "Left", birth_on = 1985-01-01 }, { person = "Elsewhere", birth_on = 1985-01-01 },
]
employment = [
  { person = "Pensioner", employer = "Trawler", kind = "crew", delivery = "marine/fishing_crew" },
  { person = "Old", employer = "Trawler", kind = "crew", delivery = "marine/fishing_crew" },
  { person = "Student", employer = "Trawler", kind = "crew", delivery = "marine/fishing_crew" },
  { person = "New", employer = "Trawler", kind = "crew", starts_on = 2026-10-15, delivery = "marine/fishing_crew" },
  { person = "Left", employer = "Trawler", kind = "crew", ends_on = 2026-06-01, delivery = "marine/fishing_crew" },
  { person = "Elsewhere", employer = "Trawler", kind = "crew", delivery = "marine/fishing_crew" },
]
benefit  = [{ person = "Pensioner", starts_on = 2020-01-01 }]
life_event = [{ person = "Student", kind = "studying", happened_on = 2023-09-01, ends_on = 2027-07-01 }]
enrollment = [{ person = "Elsewhere", starts_on = 2020-01-01, region = "370202" }]
finds    = []

[[example]]
why      = "who goes to sea on a boat of his own is not employed there; his deckhand is"
today    = 2026-11-21
employer = [
  { employer = "Skiff", kind = "individual_business", registered_on = 2015-01-01, legal_representative = "Owner" },
  { employer = "Cutter", kind = "individual_business", registered_on = 2015-01-01, legal_representative = "Skipper" },
]
person   = [
  { person = "Owner", birth_on = 1985-01-01 }, { person = "Skipper", birth_on = 1985-01-01 },
  { person = "Deckhand", birth_on = 1985-01-01 },
]
employment = [
  { person = "Owner", employer = "Skiff", kind = "crew", delivery = "marine/fishing_crew" },
  { person = "Skipper", employer = "Cutter", kind = "crew", delivery = "marine/fishing_crew" },
  { person = "Deckhand", employer = "Cutter", kind = "crew", delivery = "marine/fishing_crew" },
]
finds    = ["Cutter"]

[[example]]
why      = "a woman of 52 and one who may be a student, at an employer in order; an employer from another place"
today    = 2026-11-21
missing  = ["education/student"]
employer = [{ employer = "Trawler", registered_on = 2015-01-01 }, { employer = "From elsewhere", status = "introduced" }]
person   = [
  { person = "Woman", birth_on = 1974-06-01, sex = "female" }, { person = "Twenty", birth_on = 2006-06-01 },
  { person = "Missing", birth_on = 1985-01-01 },
]
employment = [
  { person = "Woman", employer = "Trawler", kind = "crew", delivery = "marine/fishing_crew" },
  { person = "Twenty", employer = "Trawler", kind = "crew", delivery = "marine/fishing_crew" },
  { person = "Missing", employer = "From elsewhere", kind = "crew", delivery = "marine/fishing_crew" },
]
finds    = []
unknown  = ["Trawler", "From elsewhere"]
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
                   then 'whether persons near retirement age or perhaps in school must be enrolled is not known'
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
                       and position('education/student' in :missing) > 0) as undecided
            from roster
            left join person on person.person_key = roster.person_key
            left join (
                select distinct person_key
                from employer_spell
                where starts_on <= :today and ends_on >= :data_until
            ) as insured on insured.person_key = roster.person_key
            left join (
                select distinct person_key from exempt_worker where starts_on < :data_until and ends_on >= :data_until
            ) as exempted on exempted.person_key = roster.person_key
            where roster.delivery = 'marine/fishing_crew'
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
