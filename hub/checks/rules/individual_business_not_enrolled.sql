/*
id         = "U22"
title      = "An individual business with employees, none enrolled (有雇工个体工商户未参保)"
subject    = "employer"
severity   = "high"
basis      = ["乌海政发〔2020〕17号 三", "社会保险法 第十条、第五十七条、第五十八条"]
needs      = [
  "market_supervision/registration", "market_supervision/cancellation", "tax/payroll",
  "human_resources/employer_enrollment", "human_resources/enrollment", "human_resources/benefit",
  "public_security/population",
]
misses     = ["human_resources/employer_enrollment", "human_resources/enrollment", "market_supervision/cancellation"]
consults   = ["education/student", "human_resources/insured_elsewhere"]
parameters = ["new_employer_grace_days", "new_hire_grace_days", "student_age_until", "retirement_scheme"]

[[months]]
delivery = "tax/payroll"
first    = ":period - interval '2 months'"
last     = ":period"

[explanation]
zh = "登记在册的个体工商户在个税申报中确有雇工工资，但没有任何职工参保。经营者本人、退休返聘及领取待遇、在校学生、由其他单位或在异地参保的人员不算雇工。没有雇工的个体工商户没有参保义务（经营者可按灵活就业参保）；看不出有无雇工的，不作判断。请核实用工并督促办理参保登记，非全日制用工的请核实。"
en = "A registered individual business pays taxed wages to employees and has nobody enrolled. The owner, pensioners, students and who is insured by another employer or in another place are no employees here. Without employees there is no duty; where none is known, nothing is said. Verify who works there, part-time workers above all, and have them registered."

[[example]]
why      = "taxed wages of somebody who is not the owner, not retired, not at school and insured by nobody else"
today    = 2026-11-21
employer = [
  { employer = "Noodles", kind = "individual_business", registered_on = 2020-01-01 },
  { employer = "Alone", kind = "individual_business", registered_on = 2020-01-01 },
  { employer = "Own wage", kind = "individual_business", registered_on = 2020-01-01, legal_representative = "Owner" },
  { employer = "Retired help", kind = "individual_business", registered_on = 2020-01-01 },
  { employer = "Student help", kind = "individual_business", registered_on = 2020-01-01 },
  { employer = "Shared help", kind = "individual_business", registered_on = 2020-01-01 },
  { employer = "Posted help", kind = "individual_business", registered_on = 2020-01-01 },
  { employer = "Long ago", kind = "individual_business", registered_on = 2020-01-01 },
]
person   = [
  { person = "Cook", birth_on = 1985-01-01 }, { person = "Owner", birth_on = 1985-01-01 },
  { person = "Grandma", birth_on = 1955-01-01 }, { person = "Student", birth_on = 2006-01-01 },
  { person = "Shared", birth_on = 1985-01-01 }, { person = "Posted", birth_on = 1985-01-01 },
  { person = "Helper", birth_on = 1985-01-01 },
]
payroll  = [
  { person = "Cook", employer = "Noodles", month = 2026-09-01, yuan = 4000 },
  { person = "Owner", employer = "Own wage", month = 2026-09-01, yuan = 4000 },
  { person = "Grandma", employer = "Retired help", month = 2026-09-01, yuan = 2000 },
  { person = "Student", employer = "Student help", month = 2026-09-01, yuan = 2000 },
  { person = "Shared", employer = "Shared help", month = 2026-09-01, yuan = 2000 },
  { person = "Posted", employer = "Posted help", month = 2026-09-01, yuan = 2000 },
  { person = "Helper", employer = "Long ago", month = 2025-03-01, yuan = 4000 },
]
benefit  = [{ person = "Grandma", starts_on = 2015-01-01 }]
life_event = [{ person = "Student", kind = "studying", happened_on = 2024-09-01, ends_on = 2028-07-01 }]
enrollment = [
  { person = "Shared", employer = "Mill", starts_on = 2020-01-01 },
  { person = "Posted", starts_on = 2020-01-01, region = "370202" },
]
finds    = ["Noodles"]
unknown  = ["Alone", "Own wage", "Retired help", "Student help", "Shared help", "Posted help", "Long ago"]

[[example]]
why      = "in March the thirty days of who was first paid in January are not over; who was paid in December is found"
today    = 2027-03-21
employer = [
  { employer = "Noodles", kind = "individual_business", registered_on = 2020-01-01 },
  { employer = "Hiring", kind = "individual_business", registered_on = 2020-01-01 },
]
person   = [{ person = "Cook", birth_on = 1985-01-01 }, { person = "New", birth_on = 1985-01-01 }]
payroll  = [
  { person = "Cook", employer = "Noodles", month = 2026-12-01, yuan = 4000 },
  { person = "Cook", employer = "Noodles", month = 2027-01-01, yuan = 4000 },
  { person = "New", employer = "Hiring", month = 2027-01-01, yuan = 4000 },
]
finds    = ["Noodles"]
unknown  = ["Hiring"]

[[example]]
why      = "somebody enrolled, closed, still in its days to register, or of another kind: not found"
today    = 2026-11-21
employer = [
  { employer = "Enrolled", kind = "individual_business", registered_on = 2020-01-01 },
  { employer = "Counted", kind = "individual_business", registered_on = 2020-01-01 },
  { employer = "Closed", kind = "individual_business", registered_on = 2020-01-01, status = "cancelled" },
  { employer = "New", kind = "individual_business", registered_on = 2026-10-22 },
  { employer = "Company", registered_on = 2020-01-01 },
]
person   = [
  { person = "A", birth_on = 1985-01-01 }, { person = "B", birth_on = 1985-01-01 }, { person = "C", birth_on = 1985-01-01 },
  { person = "D", birth_on = 1985-01-01 }, { person = "E", birth_on = 1985-01-01 },
]
payroll  = [
  { person = "A", employer = "Enrolled", month = 2026-09-01, yuan = 4000 },
  { person = "B", employer = "Counted", month = 2026-09-01, yuan = 4000 },
  { person = "C", employer = "Closed", month = 2026-09-01, yuan = 4000 },
  { person = "D", employer = "New", month = 2026-10-01, yuan = 4000 },
  { person = "E", employer = "Company", month = 2026-09-01, yuan = 4000 },
]
enrollment = [{ person = "F", employer = "Enrolled", insurance = "injury", starts_on = 2020-01-01 }]
employer_account = [{ employer = "Counted", insurance = "injury", headcount = 1 }]
finds    = []

[[example]]
why      = "the only employee may be a student, near retirement or newly hired, or the day of registration is not told"
today    = 2026-11-21
missing  = ["education/student"]
employer = [
  { employer = "Young", kind = "individual_business", registered_on = 2020-01-01 },
  { employer = "Woman of 52", kind = "individual_business", registered_on = 2020-01-01 },
  { employer = "Newly hired", kind = "individual_business", registered_on = 2020-01-01 },
  { employer = "Undated", kind = "individual_business" },
]
person   = [
  { person = "A", birth_on = 2006-01-01 }, { person = "B", birth_on = 1974-06-01, sex = "female" },
  { person = "C", birth_on = 1985-01-01 }, { person = "D", birth_on = 1985-01-01 },
]
payroll  = [
  { person = "A", employer = "Young", month = 2026-09-01, yuan = 4000 },
  { person = "B", employer = "Woman of 52", month = 2026-09-01, yuan = 4000 },
  { person = "C", employer = "Newly hired", month = 2026-10-01, yuan = 4000 },
  { person = "D", employer = "Undated", month = 2026-09-01, yuan = 4000 },
]
finds    = []
unknown  = ["Young", "Woman of 52", "Newly hired", "Undated"]
*/
select bare.employer_key as subject_key,
       bare.employer_key,
       bare.area,
       bare.region,
       case when bare.doubt is null then 'FOUND' else 'UNKNOWN' end as verdict,
       bare.doubt as unknown_because,
       bare.registered_on,
       bare.employees as employees_taxed,
       case when :missing = '' then 'confirmed' else 'to_be_checked' end as certainty,
       nullif(:missing, '') as not_delivered,
       (array_agg(bare.employer))[1] as employer,
       array_agg(payroll) filter (where payroll.person_key is not null) as payroll
from (
    select shop.*, wages.employees,
           case
               when shop.registered_on is null
                   then 'the day of registration is not told'
               when wages.employer_key is null
                   then 'no employee is known: an individual business without employees is not obliged'
               when wages.employees = 0
                   then 'whether those it pays must be enrolled is not known: newly hired, near retirement or perhaps at school'
               when :data_until - shop.registered_on <= :new_employer_grace_days
                   then 'its days to register ended after the enrollments delivered'
           end as doubt
    from (
        select employer_key, area, region, registered_on, employer
        from open_employer
        where status = 'operating' and closes_on > :today and kind = 'individual_business'
          and (registered_on is null or :today - registered_on > :new_employer_grace_days)
    ) as shop
    left join (
        select distinct employer_key
        from staffed_employer
        where starts_on < :data_until and ends_on >= :data_until
    ) as staffed on staffed.employer_key = shop.employer_key
    -- employees by the tax bureau, and of these who must be enrolled for certain
    left join unenrolled_staff(
        :period, :data_until, :region, :new_hire_grace_days, :student_age_until, :missing, :retirement_scheme
    ) as wages on wages.employer_key = shop.employer_key
    where staffed.employer_key is null
) as bare
-- shown as evidence: the wages of the last months
left join payroll
    on payroll.employer_key = bare.employer_key and payroll.month between :period - interval '1 month' and :period
   and payroll.income = 'wage' and payroll.yuan > 0
group by bare.employer_key, bare.area, bare.region, bare.doubt, bare.registered_on, bare.employees;
