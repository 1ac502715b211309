/*
id         = "U01"
title      = "Registered, but nobody enrolled (已注册未参保)"
subject    = "employer"
severity   = "high"
basis      = ["乌海政发〔2020〕17号 四(二)1、四(二)3", "荣政办发〔2024〕3号 措施1", "社会保险法 第五十七条"]
needs      = [
  "market_supervision/registration", "market_supervision/cancellation", "civil_affairs/social_organization",
  "human_resources/employer_enrollment", "human_resources/enrollment", "human_resources/benefit", "tax/payroll",
]
misses     = ["human_resources/employer_enrollment", "human_resources/enrollment", "market_supervision/cancellation"]
parameters = ["new_employer_grace_days"]

[explanation]
zh = "市场监管或民政登记在册、正常经营，成立超过规定期限，仍没有任何职工参保的单位。个体工商户没有雇工的没有参保义务，仅在个税申报中确有雇工工资的才列入。已注销、吊销、迁出的不列入；分支机构可能由总机构参保，不作判断。"
en = "A registered employer in operation, past the days it has to register, for which no employee is enrolled in any insurance. Individual businesses are found only where taxed wages show that they have employees; a branch may be insured through its head office and is not judged."

[[example]]
why      = "the thirtieth day is still inside the grace period"
today    = 2026-01-31
employer = [{ employer = "Shop", registered_on = 2026-01-01 }]
finds    = []

[[example]]
why      = "past the grace period, of every kind that is obliged; with one employee enrolled it is not found"
today    = 2026-11-21
employer = [
  { employer = "Shop", registered_on = 2026-08-01 },
  { employer = "Club", kind = "social_organization", registered_on = 2020-01-01 },
  { employer = "Farm", kind = "cooperative", registered_on = 2020-01-01 },
  { employer = "Mill", registered_on = 2020-01-01 },
  { employer = "Yard", registered_on = 2020-01-01 },
  { employer = "Forge", registered_on = 2020-01-01 },
]
enrollment = [
  { person = "Miller", employer = "Mill", insurance = "injury", starts_on = 2021-01-01 },
  { person = "Smith", employer = "Forge", starts_on = 2021-01-01, ends_on = 2026-05-01, state = "ended" },
]
employer_account = [{ employer = "Yard", insurance = "injury", headcount = 2 }]
finds    = ["Shop", "Club", "Farm", "Forge"]

[[example]]
why      = "closed in any way, moved away, or only introduced by another department: never found"
today    = 2026-11-21
employer = [
  { employer = "Cancelled", registered_on = 2020-01-01, status = "cancelled" },
  { employer = "Revoked", registered_on = 2020-01-01, status = "revoked" },
  { employer = "Moved out", registered_on = 2020-01-01, status = "moved_out" },
  { employer = "Introduced", registered_on = 2020-01-01, status = "introduced" },
  { employer = "Just closed", registered_on = 2020-01-01 },
  { employer = "School", registered_on = 2020-01-01, kind = "public_institution" },
]
employer_closure = [{ employer = "Just closed", closed_on = 2026-11-02 }]
finds    = []

[[example]]
why      = "an individual business has the duty only with employees: taxed wages of someone not retired and not the owner"
today    = 2026-11-21
employer = [
  { employer = "Noodles", kind = "individual_business", registered_on = 2020-01-01 },
  { employer = "Alone", kind = "individual_business", registered_on = 2020-01-01 },
  { employer = "Own wage", kind = "individual_business", registered_on = 2020-01-01, legal_representative = "Owner" },
  { employer = "Retired help", kind = "individual_business", registered_on = 2020-01-01 },
  { employer = "Long ago", kind = "individual_business", registered_on = 2020-01-01 },
]
payroll  = [
  { person = "Cook", employer = "Noodles", month = 2026-10-01, yuan = 4000 },
  { person = "Owner", employer = "Own wage", month = 2026-10-01, yuan = 4000 },
  { person = "Grandma", employer = "Retired help", month = 2026-10-01, yuan = 2000 },
  { person = "Helper", employer = "Long ago", month = 2025-03-01, yuan = 4000 },
]
benefit  = [{ person = "Grandma", starts_on = 2015-01-01 }]
finds    = ["Noodles"]
unknown  = ["Alone", "Own wage", "Retired help", "Long ago"]

[[example]]
why      = "a branch, an unknown day, and a grace period that ended after the enrollments delivered: not for the data to decide"
today    = 2026-11-21
employer = [
  { employer = "Branch", kind = "branch", registered_on = 2020-01-01 },
  { employer = "Undated" },
  { employer = "October", registered_on = 2026-10-10 },
]
finds    = []
unknown  = ["Branch", "Undated", "October"]
*/
select bare.employer_key as subject_key,
       bare.employer_key,
       bare.area,
       bare.region,
       case when bare.doubt is null then 'FOUND' else 'UNKNOWN' end as verdict,
       bare.doubt as unknown_because,
       bare.registered_on,
       :today - bare.registered_on as days_registered,
       count(distinct payroll.person_key) as employees_taxed,
       (array_agg(bare.employer))[1] as employer,
       array_agg(payroll) filter (where payroll.person_key is not null) as payroll
from (
    select obliged.*,
           case
               when obliged.registered_on is null
                   then 'the day of registration is not told'
               when obliged.kind in ('branch', 'other')
                   then 'perhaps insured through its head office'
               when obliged.kind = 'individual_business' and coalesce(wages.employees, 0) = 0
                   then 'no employee is known: an individual business without employees is not obliged'
               when :data_until - obliged.registered_on <= :new_employer_grace_days
                   then 'its days to register ended after the enrollments delivered'
           end as doubt
    from (
        select employer_key, area, region, kind, registered_on, employer
        from open_employer
        where status = 'operating' and closes_on > :today
          and kind in ('enterprise', 'cooperative', 'social_organization', 'law_firm', 'individual_business',
                       'branch', 'other')
          and (registered_on is null or :today - registered_on > :new_employer_grace_days)
    ) as obliged
    left join (
        select distinct employer_key
        from enrollment
        where state = 'active' and starts_on < :data_until and ends_on >= :data_until
    ) as enrolled on enrolled.employer_key = obliged.employer_key
    left join (
        select distinct employer_key
        from employer_account
        where kind = 'social_insurance' and state = 'normal' and headcount > 0 and ends_on >= :data_until
    ) as staffed on staffed.employer_key = obliged.employer_key
    -- employees by the tax bureau: paid a wage in one of the last two months, not the owner, not a pensioner
    left join (
        select wage.employer_key, count(distinct wage.person_key) as employees
        from wage
        join employer on employer.employer_key = wage.employer_key
        left join pensioner on pensioner.person_key = wage.person_key
        where wage.month between :period - interval '1 month' and :period
          and pensioner.person_key is null
          and wage.person_key is distinct from employer.legal_representative_key
        group by wage.employer_key
    ) as wages on wages.employer_key = obliged.employer_key
    where enrolled.employer_key is null
      and staffed.employer_key is null
) as bare
-- shown as evidence: the wages of the last month
left join payroll
    on payroll.employer_key = bare.employer_key and payroll.month = :period
   and payroll.income = 'wage' and payroll.yuan > 0
group by bare.employer_key, bare.area, bare.region, bare.doubt, bare.registered_on;
