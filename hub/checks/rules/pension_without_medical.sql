/*
id         = "U09"
title      = "In the employees' pension, in no employees' medical insurance (参加职工养老未参加职工医保)"
subject    = "employer"
severity   = "medium"
basis      = ["盐城市社会保险扩面征缴三年提升行动计划（2022—2024年） 三(三)1", "社会保险法 第二十三条、第五十八条"]
needs      = [
  "human_resources/enrollment", "medical_insurance/employee_enrollment",
  "market_supervision/registration", "market_supervision/cancellation",
]
misses     = ["medical_insurance/employee_enrollment", "market_supervision/cancellation"]
consults   = ["human_resources/insured_elsewhere"]
parameters = ["new_hire_grace_days"]

[explanation]
zh = "单位为职工参加了职工（或机关事业）养老保险，而该职工未在任何地方参加职工基本医疗保险，包括由其他单位、在异地和以灵活就业身份参保；仅参加居民医保的仍列入。逐人比对，不要求全体职工都缺；全单位均无职工医保的，“选择性参保”也会列出。新参保三十日内的不列入；医保处于暂停状态的先核实。请医保部门督促单位办理职工医保。"
en = "The employer has staff in the employees' (or organs') pension who are in no employees' medical insurance anywhere: not by another employer, not in another place, not as flexible workers. Residents' medical insurance is no substitute. It is a comparison of persons; where the whole staff lacks medical insurance, U07 says so too. The newly enrolled are left out; whose medical insurance is suspended is to be verified."

[[example]]
why      = "one of two has no medical insurance, another employer's whole staff has residents' medical insurance only"
today    = 2026-11-21
employer = [{ employer = "Shop" }, { employer = "School" }]
enrollment = [
  { person = "A", employer = "Shop", starts_on = 2020-01-01 },
  { person = "A", employer = "Shop", insurance = "employee_medical", starts_on = 2020-01-01 },
  { person = "B", employer = "Shop", starts_on = 2020-01-01 },
  { person = "C", employer = "School", insurance = "organ_pension", starts_on = 2020-01-01 },
  { person = "C", insurance = "resident_medical", starts_on = 2020-01-01 },
]
finds    = ["Shop", "School"]

[[example]]
why      = "medical insurance by another employer, elsewhere or of one's own; flexible workers, the newly enrolled, an owner, a closed employer"
today    = 2026-11-21
employer = [
  { employer = "Shop" }, { employer = "Closed" },
  { employer = "Own account", kind = "individual_business", legal_representative = "Owner" },
]
employer_closure = [{ employer = "Closed", closed_on = 2026-11-01 }]
enrollment = [
  { person = "Agency's", employer = "Shop", starts_on = 2020-01-01 },
  { person = "Agency's", employer = "Agency", insurance = "employee_medical", starts_on = 2020-01-01 },
  { person = "Elsewhere", employer = "Shop", starts_on = 2020-01-01 },
  { person = "Elsewhere", insurance = "employee_medical", starts_on = 2020-01-01, region = "370202" },
  { person = "Own", employer = "Shop", starts_on = 2020-01-01 },
  { person = "Own", insurance = "employee_medical", contributor = "flexible", starts_on = 2020-01-01 },
  { person = "Flexible", contributor = "flexible", starts_on = 2020-01-01 },
  { person = "New", employer = "Shop", starts_on = 2026-10-01 },
  { person = "Left", employer = "Shop", starts_on = 2020-01-01, ends_on = 2026-06-01, state = "ended" },
  { person = "D", employer = "Closed", starts_on = 2020-01-01 },
  { person = "Owner", employer = "Own account", starts_on = 2020-01-01 },
]
finds    = []

[[example]]
why      = "a medical insurance that is suspended: arrears, or none; the medical bureau knows"
today    = 2026-11-21
employer = [{ employer = "Shop" }]
enrollment = [
  { person = "A", employer = "Shop", starts_on = 2020-01-01 },
  { person = "A", employer = "Shop", insurance = "employee_medical", starts_on = 2020-01-01, state = "suspended" },
]
finds    = []
unknown  = ["Shop"]
*/
select short.employer_key as subject_key,
       short.employer_key,
       open_employer.area,
       open_employer.region,
       case when short.without_medical > 0 then 'FOUND' else 'UNKNOWN' end as verdict,
       case when short.without_medical = 0
            then 'their medical insurance is suspended: whether it goes on is not known' end as unknown_because,
       short.without_medical,
       short.suspended as medical_suspended,
       case when :missing = '' then 'confirmed' else 'to_be_checked' end as certainty,
       nullif(:missing, '') as not_delivered,
       open_employer.employer,
       short.enrollment
from (
    select insured.employer_key,
           count(distinct insured.person_key) filter (where paused.person_key is null) as without_medical,
           count(distinct insured.person_key) filter (where paused.person_key is not null) as suspended,
           array_agg(insured.enrollment) filter (where paused.person_key is null) as enrollment
    from (
        select enrollment.employer_key, enrollment.person_key, enrollment
        from enrollment
        join employer on employer.employer_key = enrollment.employer_key
        where enrollment.insurance in ('employee_pension', 'organ_pension') and enrollment.state = 'active'
          and enrollment.ends_on >= :data_until
          -- a spell's first day is the first of its month: the month is given on top
          and enrollment.starts_on + interval '1 month' + :new_hire_grace_days * interval '1 day' <= :data_until
          and (employer.kind <> 'individual_business'
               or enrollment.person_key is distinct from employer.legal_representative_key)
    ) as insured
    left join (
        select distinct person_key
        from employee_spell
        where insurance = 'employee_medical' and starts_on < :data_until and ends_on >= :data_until
    ) as covered on covered.person_key = insured.person_key
    left join (
        select distinct person_key
        from enrollment
        where insurance = 'employee_medical' and state = 'suspended'
          and starts_on < :data_until and ends_on >= :data_until
    ) as paused on paused.person_key = insured.person_key
    where covered.person_key is null
    group by insured.employer_key
) as short
join open_employer on open_employer.employer_key = short.employer_key
where open_employer.closes_on > :today;
