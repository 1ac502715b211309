/*
id         = "U26D"
title      = "Drivers whom a platform employs and nobody has enrolled (网约车平台雇用的驾驶员未参保)"
subject    = "employer"
severity   = "medium"
among      = ["transport/ride_hailing_driver"]
basis      = ["盐城市社会保险扩面征缴三年提升行动计划 三(一)2", "荣政办发〔2024〕3号 措施4、附件2", "社会保险法 第五十八条"]
needs      = [
  "transport/ride_hailing_driver", "human_resources/enrollment", "human_resources/benefit", "tax/payroll",
  "market_supervision/registration", "market_supervision/cancellation", "public_security/population",
]
misses     = ["human_resources/enrollment"]
consults   = ["education/student", "human_resources/insured_elsewhere"]
parameters = ["new_hire_grace_days", "student_age_until", "retirement_scheme"]

[explanation]
zh = "网约车驾驶员名册写明平台公司，并且该公司为其申报工资薪金个税（存在劳动关系）的驾驶员，没有任何单位为其参加养老、工伤等保险。平台未发工资的驾驶员按灵活就业人员动员参保，不属本规则。已扣除领取养老待遇和退休人员、在校学生、入职三十日内的人员，以及由其他单位（含劳务派遣单位、异地单位）参保的人员；可能是学生或已到退休年龄的不计入。以灵活就业身份参保不免除单位的义务。未在本地登记的单位可能在登记地参保，不作判断。请核对名册，督促单位参保。"
en = "Drivers of a platform that also pays them taxed wages, so that they are its employees, and whom no employer has enrolled in any insurance. Drivers without wages are self-employed and matter of another rule. Left out are the retired, students, those hired within thirty days and whom another employer enrolled, an agency or one in another place; who may be a student or past retirement is not counted. Insurance as a self-employed person does not free the employer of its duty. An employer registered in another place may insure there and is not judged. Compare the roll with the enrollments, and urge the employer to enroll."

[[example]]
why      = "two of three are enrolled by nobody; self-employed insurance is not the employer's, an agency's is"
today    = 2026-11-21
employer = [{ employer = "Rides", registered_on = 2015-01-01 }, { employer = "Whole", registered_on = 2015-01-01 }]
person   = [
  { person = "Enrolled", birth_on = 1985-01-01 }, { person = "Missing", birth_on = 1985-01-01 },
  { person = "Flexible", birth_on = 1985-01-01 }, { person = "Dispatched", birth_on = 1985-01-01 },
]
employment = [
  { person = "Enrolled", employer = "Rides", kind = "driver", delivery = "transport/ride_hailing_driver" },
  { person = "Missing", employer = "Rides", kind = "driver", delivery = "transport/ride_hailing_driver" },
  { person = "Flexible", employer = "Rides", kind = "driver", delivery = "transport/ride_hailing_driver" },
  { person = "Self-employed", employer = "Whole", kind = "driver", delivery = "transport/ride_hailing_driver" },
  { person = "Dispatched", employer = "Whole", kind = "driver", delivery = "transport/ride_hailing_driver" },
  { person = "Missing", employer = "Whole", kind = "driver", delivery = "another/roll" },
]
payroll  = [
  { person = "Enrolled", employer = "Rides", month = 2026-10-01, yuan = 5000 },
  { person = "Missing", employer = "Rides", month = 2026-10-01, yuan = 5000 },
  { person = "Flexible", employer = "Rides", month = 2026-10-01, yuan = 5000 },
  { person = "Dispatched", employer = "Whole", month = 2026-10-01, yuan = 5000 },
]
enrollment = [
  { person = "Enrolled", employer = "Rides", insurance = "injury", starts_on = 2020-01-01 },
  { person = "Flexible", contributor = "flexible", starts_on = 2020-01-01 },
  { person = "Dispatched", employer = "Agency", insurance = "injury", starts_on = 2020-01-01 },
]
finds    = ["Rides"]

[[example]]
why      = "the retired, students, those hired within thirty days, who left, and whom another place insures need not be"
today    = 2026-11-21
employer = [{ employer = "Rides", registered_on = 2015-01-01 }]
person   = [
  { person = "Pensioner", birth_on = 1966-01-01 }, { person = "Old", birth_on = 1955-01-01 },
  { person = "Student", birth_on = 2005-01-01 }, { person = "New", birth_on = 1985-01-01 },
  { person = "Left", birth_on = 1985-01-01 }, { person = "Elsewhere", birth_on = 1985-01-01 },
]
employment = [
  { person = "Pensioner", employer = "Rides", kind = "driver", delivery = "transport/ride_hailing_driver" },
  { person = "Old", employer = "Rides", kind = "driver", delivery = "transport/ride_hailing_driver" },
  { person = "Student", employer = "Rides", kind = "driver", delivery = "transport/ride_hailing_driver" },
  { person = "New", employer = "Rides", kind = "driver", starts_on = 2026-10-15, delivery = "transport/ride_hailing_driver" },
  { person = "Left", employer = "Rides", kind = "driver", ends_on = 2026-06-01, delivery = "transport/ride_hailing_driver" },
  { person = "Elsewhere", employer = "Rides", kind = "driver", delivery = "transport/ride_hailing_driver" },
]
payroll  = [
  { person = "Pensioner", employer = "Rides", month = 2026-10-01, yuan = 5000 },
  { person = "Old", employer = "Rides", month = 2026-10-01, yuan = 5000 },
  { person = "Student", employer = "Rides", month = 2026-10-01, yuan = 5000 },
  { person = "New", employer = "Rides", month = 2026-10-01, yuan = 5000 },
  { person = "Left", employer = "Rides", month = 2026-10-01, yuan = 5000 },
  { person = "Elsewhere", employer = "Rides", month = 2026-10-01, yuan = 5000 },
]
benefit  = [{ person = "Pensioner", starts_on = 2020-01-01 }]
life_event = [{ person = "Student", kind = "studying", happened_on = 2023-09-01, ends_on = 2027-07-01 }]
enrollment = [{ person = "Elsewhere", starts_on = 2020-01-01, region = "370202" }]
finds    = []

[[example]]
why      = "a woman of 52 and one who may be a student, at an employer in order; an employer from another place"
today    = 2026-11-21
missing  = ["education/student"]
employer = [{ employer = "Rides", registered_on = 2015-01-01 }, { employer = "From elsewhere", status = "introduced" }]
person   = [
  { person = "Woman", birth_on = 1974-06-01, sex = "female" }, { person = "Twenty", birth_on = 2006-06-01 },
  { person = "Missing", birth_on = 1985-01-01 },
]
employment = [
  { person = "Woman", employer = "Rides", kind = "driver", delivery = "transport/ride_hailing_driver" },
  { person = "Twenty", employer = "Rides", kind = "driver", delivery = "transport/ride_hailing_driver" },
  { person = "Missing", employer = "From elsewhere", kind = "driver", delivery = "transport/ride_hailing_driver" },
]
payroll  = [
  { person = "Woman", employer = "Rides", month = 2026-10-01, yuan = 5000 },
  { person = "Twenty", employer = "Rides", month = 2026-10-01, yuan = 5000 },
  { person = "Missing", employer = "From elsewhere", month = 2026-10-01, yuan = 5000 },
]
finds    = []
unknown  = ["Rides", "From elsewhere"]
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
            -- wages tell the employee from the self-employed
            join (
                select distinct employer_key, person_key from wage where month between :period - interval '2 months' and :period
            ) as paid on paid.employer_key = roster.employer_key and paid.person_key = roster.person_key
            left join (
                select distinct person_key
                from employer_spell
                where starts_on <= :today and ends_on >= :data_until
            ) as insured on insured.person_key = roster.person_key
            left join (
                select distinct person_key from exempt_worker where starts_on < :data_until and ends_on >= :data_until
            ) as exempted on exempted.person_key = roster.person_key
            where roster.delivery = 'transport/ride_hailing_driver'
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
