/*
id         = "U10"
title      = "In the employees' medical insurance, in no pension, unemployment or injury insurance (参加职工医保未参加养老、失业、工伤)"
subject    = "employer"
severity   = "medium"
basis      = ["荣政办发〔2024〕3号 措施1", "社会保险法 第十条、第三十三条、第四十四条、第五十八条"]
needs      = [
  "medical_insurance/employer_enrollment", "medical_insurance/employee_enrollment", "human_resources/enrollment",
  "human_resources/benefit", "market_supervision/registration", "market_supervision/cancellation",
  "public_security/population",
]
misses     = ["human_resources/enrollment", "market_supervision/cancellation"]
consults   = ["human_resources/insured_elsewhere"]
parameters = ["mandatory_insurances", "new_hire_grace_days", "retirement_scheme"]

# an insurance of which nobody delivers anything is not missing at the employer
[everybody]
insurances_held = """
select coalesce(jsonb_agg(asked.insurance order by asked.insurance), '[]')
from (
    select distinct jsonb_array_elements_text(kinds.value) as insurance
    from jsonb_each(:mandatory_insurances) as kinds
) as asked
-- the first that holds it is enough
cross join lateral (
    select from employee_spell
    where insurance in (asked.insurance, case asked.insurance when 'employee_pension' then 'organ_pension' end)
    limit 1
) as anybody
"""

[explanation]
zh = "医保部门的参保数据显示单位为职工参加了职工医疗保险，而该职工没有由任何单位（含派遣单位、异地单位）参加养老、失业或工伤保险，按险种分列。与“选择性参保”的区别：选择性参保看单位，某一险种全单位无人参保才列入；本条看人，以医保名单逐人锁定未参保人员，即使单位已为其他职工参加该险种也列入，处理方式是提醒单位办理用工参保登记手续。两条都列出同一单位的，按选择性参保处理。退休、在校人员和新参保三十日内的不计入；处于岗位退休年龄区间的不作判断。"
en = "By the medical insurance bureau's lists the employer insures staff whom no employer, here or elsewhere, has in pension, unemployment or injury insurance; one matter an insurance. Unlike U07, which looks at the employer and finds an insurance in which it has nobody at all, this looks at persons: it names those who are missing though the employer has others in that insurance, and the unit is reminded. Where both find the same unit, U07 goes first. Retired persons, students and the newly enrolled are not counted; where the retirement age depends on the post, nothing is said."

[[example]]
why      = "in medical insurance only, or without injury insurance beside colleagues who have it"
today    = 2026-11-21
employer = [{ employer = "Shop" }, { employer = "Mill" }]
person   = [
  { person = "A", birth_on = 1985-01-01 }, { person = "B", birth_on = 1985-01-01 }, { person = "C", birth_on = 1985-01-01 },
]
enrollment = [
  { person = "A", employer = "Shop", insurance = "employee_medical", starts_on = 2020-01-01 },
  { person = "A", contributor = "flexible", starts_on = 2020-01-01 },
  { person = "B", employer = "Mill", insurance = "employee_medical", starts_on = 2020-01-01 },
  { person = "B", employer = "Mill", insurance = "organ_pension", starts_on = 2020-01-01 },
  { person = "C", employer = "Mill", insurance = "employee_medical", starts_on = 2020-01-01 },
  { person = "C", employer = "Mill", insurance = "organ_pension", starts_on = 2020-01-01 },
  { person = "C", employer = "Mill", insurance = "injury", starts_on = 2020-01-01 },
]
finds    = ["Shop/employee_pension", "Shop/injury", "Mill/injury"]

[[example]]
why      = "insured by an agency or elsewhere, retired, at school, newly enrolled, the owner, a closed employer, an insurance nobody delivers"
today    = 2026-11-21
employer = [
  { employer = "Shop" }, { employer = "Closed", status = "revoked" }, { employer = "Foreign body", kind = "other" },
  { employer = "Own account", kind = "individual_business", legal_representative = "Owner" },
]
person   = [
  { person = "Agency's", birth_on = 1985-01-01 }, { person = "Elsewhere", birth_on = 1985-01-01 },
  { person = "Retired", birth_on = 1960-01-01 }, { person = "Past sixty", birth_on = 1962-01-01 },
  { person = "Student", birth_on = 2005-01-01 }, { person = "New", birth_on = 1985-01-01 },
  { person = "Owner", birth_on = 1985-01-01 },
]
enrollment = [
  { person = "Agency's", employer = "Shop", insurance = "employee_medical", starts_on = 2020-01-01 },
  { person = "Agency's", employer = "Agency", starts_on = 2020-01-01 },
  { person = "Elsewhere", employer = "Shop", insurance = "employee_medical", starts_on = 2020-01-01 },
  { person = "Elsewhere", starts_on = 2020-01-01, region = "370202" },
  { person = "Retired", employer = "Shop", insurance = "employee_medical", starts_on = 2010-01-01 },
  { person = "Past sixty", employer = "Shop", insurance = "employee_medical", starts_on = 2010-01-01 },
  { person = "Student", employer = "Shop", insurance = "employee_medical", starts_on = 2026-01-01 },
  { person = "New", employer = "Shop", insurance = "employee_medical", starts_on = 2026-10-01 },
  { person = "Owner", employer = "Own account", insurance = "employee_medical", starts_on = 2020-01-01 },
  { person = "Own", insurance = "employee_medical", contributor = "flexible", starts_on = 2020-01-01 },
  { person = "D", employer = "Closed", insurance = "employee_medical", starts_on = 2020-01-01 },
  { person = "E", employer = "Foreign body", insurance = "employee_medical", starts_on = 2020-01-01 },
]
benefit  = [{ person = "Retired", starts_on = 2020-01-01 }]
life_event = [{ person = "Student", kind = "studying", happened_on = 2024-09-01, ends_on = 2028-07-01 }]
finds    = []

[[example]]
why      = "a woman of 52 may have retired from the pension, and one whose age nobody tells"
today    = 2026-11-21
employer = [{ employer = "Shop" }, { employer = "Mill" }]
person   = [{ person = "Woman of 52", birth_on = 1974-06-01, sex = "female" }]
enrollment = [
  { person = "Woman of 52", employer = "Shop", insurance = "employee_medical", starts_on = 2010-01-01 },
  { person = "Nobody knows", employer = "Mill", insurance = "employee_medical", starts_on = 2010-01-01 },
  { person = "A", employer = "Yard", starts_on = 2020-01-01 },
]
finds    = []
unknown  = ["Shop/employee_pension", "Mill/employee_pension"]
*/
select short.employer_key as subject_key,
       short.employer_key,
       short.insurance as matter,
       open_employer.area,
       open_employer.region,
       case when short.not_enrolled > 0 then 'FOUND' else 'UNKNOWN' end as verdict,
       case when short.not_enrolled = 0 then 'whether they are retired is not known' end as unknown_because,
       short.not_enrolled,
       case when :missing = '' then 'confirmed' else 'to_be_checked' end as certainty,
       nullif(:missing, '') as not_delivered,
       open_employer.employer,
       short.enrollment
from (
    select employer_key, insurance,
           count(distinct person_key) filter (where of_age) as not_enrolled,
           count(*) filter (where of_age is not false) as perhaps,
           array_agg(enrollment) filter (where of_age) as enrollment
    from (
        select lacking.*, of_working_age(person.birth_on, person.sex, :period, :retirement_scheme) as of_age
        from (
            select medical.employer_key, medical.person_key, medical.enrollment, demanded.insurance
            from (
                select enrollment.employer_key, enrollment.person_key, enrollment, employer.kind
                from enrollment
                join employer on employer.employer_key = enrollment.employer_key
                where enrollment.insurance = 'employee_medical' and enrollment.state = 'active'
                  and enrollment.ends_on >= :data_until
                  and enrollment.starts_on + interval '1 month' + :new_hire_grace_days * interval '1 day' <= :data_until
                  and (employer.kind <> 'individual_business'
                       or enrollment.person_key is distinct from employer.legal_representative_key)
            ) as medical
            join (
                select kinds.key as kind, jsonb_array_elements_text(kinds.value) as insurance
                from jsonb_each(:mandatory_insurances) as kinds
            ) as demanded on demanded.kind = medical.kind and demanded.insurance <> 'employee_medical'
            join (
                select jsonb_array_elements_text(:insurances_held) as insurance
            ) as held on held.insurance = demanded.insurance
            left join (
                select distinct person_key,
                       case when insurance = 'organ_pension' then 'employee_pension' else insurance end as insurance
                from employee_spell
                where insurance <> 'employee_medical'
                  and (employer_key <> '00000000-0000-0000-0000-000000000000' or region <> :region)
                  and starts_on < :data_until and ends_on >= :data_until
            ) as insured on insured.person_key = medical.person_key and insured.insurance = demanded.insurance
            left join (
                select distinct person_key from exempt_worker where ends_on >= :data_until
            ) as exempt on exempt.person_key = medical.person_key
            where insured.person_key is null
              and exempt.person_key is null
        ) as lacking
        left join person on person.person_key = lacking.person_key
    ) as aged
    group by employer_key, insurance
) as short
join open_employer on open_employer.employer_key = short.employer_key
where short.perhaps > 0
  and open_employer.closes_on > :today;
