/*
subject    = "employer"
severity   = "medium"
needs      = [
  ":delivery", "human_resources/enrollment", "human_resources/benefit", "market_supervision/registration",
  "market_supervision/cancellation", "public_security/population",
]
misses     = ["human_resources/enrollment"]
consults   = ["education/student", "human_resources/insured_elsewhere"]
parameters = ["new_hire_grace_days", "student_age_until", "retirement_scheme"]

[explanation]
zh = ":zh已扣除领取养老待遇和退休人员、在校学生、入职三十日内的人员，以及由其他单位（含劳务派遣单位、异地单位）参保的人员；可能是学生或已到退休年龄的不计入。以灵活就业身份参保不免除单位的义务。未在本地登记的单位可能在登记地参保，不作判断。请核对名册，督促单位参保。"
en = ":en Left out are the retired, students, those hired within thirty days and whom another employer enrolled, an agency or one in another place; who may be a student or past retirement is not counted. Insurance as a self-employed person does not free the employer of its duty. An employer registered in another place may insure there and is not judged. Compare the roll with the enrollments, and urge the employer to enroll."

[[list]]
id          = "U25"
name        = "contract_worker_enrolled_by_nobody"
title       = "Dispatched, contract and seasonal workers whom nobody has enrolled (劳务用工、季节性用工未参保)"
basis       = ["乌海政发〔2020〕17号 四(四)1", "社会保险法 第五十八条", "劳动合同法 第五十八条、第六十八条"]
delivery    = "human_resources/employment_registration"
other_kinds = ["hire", "flexible", "shop_owner"]
zh          = "用工备案中的劳务派遣、劳动合同、季节性用工人员，没有任何单位（用工单位、劳务派遣单位、异地单位）为其参加养老、工伤等保险。非全日制人员可以个人参加养老保险，但单位应为其参加工伤保险。"
en          = "Persons put on record as dispatched, under a labor contract or seasonal, whom no employer, neither the user nor the agency nor one in another place, has enrolled in any insurance. Part-time workers may take out pension insurance themselves, but injury insurance is their employer's duty."

[[list.example]]
why      = "dispatched, under contract or for a season; who was hired is another rule's, who works for himself is nobody's"
today    = 2026-11-21
employer = [
  { employer = "User", registered_on = 2015-01-01 }, { employer = "Mill", registered_on = 2015-01-01 },
  { employer = "Orchard", registered_on = 2015-01-01 }, { employer = "Others", registered_on = 2015-01-01 },
]
person   = [{ person = "Missing", birth_on = 1985-01-01 }]
employment = [
  { person = "Missing", employer = "User", kind = "dispatch", delivery = ":delivery" },
  { person = "Missing", employer = "Mill", kind = "labor_contract", delivery = ":delivery" },
  { person = "Missing", employer = "Orchard", kind = "seasonal", delivery = ":delivery" },
  { person = "Missing", employer = "Others", kind = "hire", delivery = ":delivery" },
  { person = "Missing", employer = "Others", kind = "flexible", delivery = ":delivery" },
  { person = "Missing", employer = "Others", kind = "shop_owner", delivery = ":delivery" },
]
finds    = ["User", "Mill", "Orchard"]

[[list]]
id          = "U26A"
name        = "fishing_crew_not_enrolled"
title       = "Crews of fishing vessels whom nobody has enrolled (渔船船员未参保)"
basis       = ["荣政办发〔2024〕3号 附件2", "社会保险法 第五十八条"]
delivery    = "marine/fishing_crew"
among       = ["marine/fishing_crew"]
other_kinds = []
zh          = "渔船船员名册写明受雇单位的在船船员，没有任何单位为其参加养老、工伤等保险。未写明单位的船员由个人参保动员。"
en          = "Crew members on board whose employer the roll names, and whom no employer has enrolled in any insurance."

[[list.example]]
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
  { person = "Owner", employer = "Skiff", kind = "crew", delivery = ":delivery" },
  { person = "Skipper", employer = "Cutter", kind = "crew", delivery = ":delivery" },
  { person = "Deckhand", employer = "Cutter", kind = "crew", delivery = ":delivery" },
]
finds    = ["Cutter"]

[[list]]
id          = "U26B"
name        = "state_owned_staff_not_enrolled"
title       = "Staff of state-owned enterprises whom nobody has enrolled (国有企业职工未参保)"
basis       = ["荣政办发〔2024〕3号 措施9、附件2", "社会保险法 第五十八条"]
delivery    = "state_assets/staff"
among       = ["state_assets/staff"]
other_kinds = []
zh          = "国有企业职工名册中的在职人员（含劳务派遣、季节性用工），没有任何单位为其参加养老、工伤等保险。"
en          = "Persons on the staff roll of a state-owned enterprise, the dispatched and seasonal ones too, whom no employer has enrolled in any insurance."

[[list]]
id          = "U26C"
name        = "nuclear_project_staff_not_enrolled"
title       = "Workers at the nuclear project whom nobody has enrolled (核电项目用工未参保)"
basis       = ["荣政办发〔2024〕3号 措施9、附件2", "社会保险法 第五十八条"]
delivery    = "nuclear_project/staff"
among       = ["nuclear_project/staff"]
other_kinds = []
zh          = "核电项目用工名册中的在岗人员（含劳务派遣、季节性用工），没有任何单位为其参加养老、工伤等保险。"
en          = "Persons on the roll of the nuclear power project, the dispatched and seasonal ones too, whom no employer has enrolled in any insurance."

[[example]]
why      = "two of three are enrolled by nobody; self-employed insurance is not the employer's, an agency's is"
today    = 2026-11-21
employer = [{ employer = "Works", registered_on = 2015-01-01 }, { employer = "Whole", registered_on = 2015-01-01 }]
person   = [
  { person = "Enrolled", birth_on = 1985-01-01 }, { person = "Missing", birth_on = 1985-01-01 },
  { person = "Flexible", birth_on = 1985-01-01 }, { person = "Dispatched", birth_on = 1985-01-01 },
]
employment = [
  { person = "Enrolled", employer = "Works", delivery = ":delivery" },
  { person = "Missing", employer = "Works", delivery = ":delivery" },
  { person = "Flexible", employer = "Works", delivery = ":delivery" },
  { person = "Dispatched", employer = "Whole", delivery = ":delivery" },
  { person = "Missing", employer = "Whole", delivery = "another/roll" },
]
enrollment = [
  { person = "Enrolled", employer = "Works", insurance = "injury", starts_on = 2020-01-01 },
  { person = "Flexible", contributor = "flexible", starts_on = 2020-01-01 },
  { person = "Dispatched", employer = "Agency", insurance = "injury", starts_on = 2020-01-01 },
]
finds    = ["Works"]

[[example]]
why      = "the retired, students, those hired within thirty days, who left, and whom another place insures need not be"
today    = 2026-11-21
employer = [{ employer = "Works", registered_on = 2015-01-01 }]
person   = [
  { person = "Pensioner", birth_on = 1966-01-01 }, { person = "Old", birth_on = 1955-01-01 },
  { person = "Student", birth_on = 2005-01-01 }, { person = "New", birth_on = 1985-01-01 },
  { person = "Left", birth_on = 1985-01-01 }, { person = "Elsewhere", birth_on = 1985-01-01 },
]
employment = [
  { person = "Pensioner", employer = "Works", delivery = ":delivery" },
  { person = "Old", employer = "Works", delivery = ":delivery" },
  { person = "Student", employer = "Works", delivery = ":delivery" },
  { person = "New", employer = "Works", starts_on = 2026-10-15, delivery = ":delivery" },
  { person = "Left", employer = "Works", ends_on = 2026-06-01, delivery = ":delivery" },
  { person = "Elsewhere", employer = "Works", delivery = ":delivery" },
]
benefit  = [{ person = "Pensioner", starts_on = 2020-01-01 }]
life_event = [{ person = "Student", kind = "studying", happened_on = 2023-09-01, ends_on = 2027-07-01 }]
enrollment = [{ person = "Elsewhere", starts_on = 2020-01-01, region = "370202" }]
finds    = []

[[example]]
why      = "a woman of 52 and one who may be a student, at an employer in order; an employer from another place"
today    = 2026-11-21
missing  = ["education/student"]
employer = [{ employer = "Works", registered_on = 2015-01-01 }, { employer = "From elsewhere", status = "introduced" }]
person   = [
  { person = "Woman", birth_on = 1974-06-01, sex = "female" }, { person = "Twenty", birth_on = 2006-06-01 },
  { person = "Missing", birth_on = 1985-01-01 },
]
employment = [
  { person = "Woman", employer = "Works", delivery = ":delivery" },
  { person = "Twenty", employer = "Works", delivery = ":delivery" },
  { person = "Missing", employer = "From elsewhere", delivery = ":delivery" },
]
finds    = []
unknown  = ["Works", "From elsewhere"]
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
            where roster.delivery = :delivery and not :other_kinds ? roster.kind
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
