/*
id         = "U07"
title      = "Enrolled in some insurances, not in others (选择性参保)"
subject    = "employer"
severity   = "high"
basis      = ["乌海政发〔2020〕17号 四(二)1、四(四)1", "荣政办发〔2024〕3号 措施2", "社会保险法 第十条、第二十三条、第三十三条、第四十四条"]
needs      = [
  "human_resources/enrollment", "human_resources/employer_enrollment", "human_resources/benefit",
  "market_supervision/registration", "market_supervision/cancellation",
]
misses     = ["human_resources/enrollment", "market_supervision/cancellation"]
parameters = ["mandatory_insurances", "injury_first_industries", "new_employer_grace_days"]

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
    select from enrollment
    where state = 'active'
      and insurance in (asked.insurance, case asked.insurance when 'employee_pension' then 'organ_pension' end)
    limit 1
) as anybody
"""

[explanation]
zh = "单位已为职工参加部分险种，但应参加的另一些险种没有任何职工参保。机关事业养老视同职工养老；全库尚无数据的险种不作判断；仅为退休返聘人员参加工伤保险、可优先参加工伤保险的快递网点不列入。"
en = "The employer has employees in some of the insurances it must take out, and nobody in others. An insurance of which no delivery holds anybody is not judged. Injury insurance for rehired pensioners alone, and courier outlets in injury insurance first, are left out."

[[example]]
why      = "injury only, while others have them all"
today    = 2026-11-21
employer = [{ employer = "Shop" }, { employer = "Mill" }]
enrollment = [
  { person = "A", employer = "Shop", insurance = "injury", starts_on = 2020-01-01 },
  { person = "B", employer = "Mill", starts_on = 2020-01-01 },
  { person = "B", employer = "Mill", insurance = "employee_medical", starts_on = 2020-01-01 },
  { person = "B", employer = "Mill", insurance = "unemployment", starts_on = 2020-01-01 },
  { person = "B", employer = "Mill", insurance = "injury", starts_on = 2020-01-01 },
]
finds    = ["Shop"]

[[example]]
why      = "an insurance that no delivery holds is not judged; the organ pension stands for the employees'; accounts count"
today    = 2026-11-21
employer = [
  { employer = "Shop" }, { employer = "School", kind = "public_institution" }, { employer = "Yard" },
]
enrollment = [
  { person = "A", employer = "Shop", starts_on = 2020-01-01 },
  { person = "A", employer = "Shop", insurance = "injury", starts_on = 2020-01-01 },
  { person = "B", employer = "School", insurance = "organ_pension", starts_on = 2020-01-01 },
  { person = "B", employer = "School", insurance = "injury", starts_on = 2020-01-01 },
  { person = "C", employer = "Yard", starts_on = 2020-01-01 },
]
employer_account = [{ employer = "Yard", insurance = "injury", headcount = 1 }]
finds    = []

[[example]]
why      = "rehired pensioners, a courier outlet, an owner alone, a new employer, a closed one: not selective"
today    = 2026-11-21
employer = [
  { employer = "Full" }, { employer = "Rehires" }, { employer = "Courier", industry = "6020" },
  { employer = "Owner alone", kind = "individual_business", legal_representative = "Owner" },
  { employer = "New" }, { employer = "Closed" }, { employer = "Foreign body", kind = "other" },
]
employer_closure = [{ employer = "Closed", closed_on = 2026-11-01 }]
benefit  = [{ person = "Grandpa", starts_on = 2015-01-01 }]
enrollment = [
  { person = "A", employer = "Full", starts_on = 2020-01-01 },
  { person = "A", employer = "Full", insurance = "injury", starts_on = 2020-01-01 },
  { person = "Grandpa", employer = "Rehires", insurance = "injury", starts_on = 2020-01-01 },
  { person = "B", employer = "Courier", insurance = "injury", starts_on = 2020-01-01 },
  { person = "Owner", employer = "Owner alone", starts_on = 2020-01-01 },
  { person = "C", employer = "New", insurance = "injury", starts_on = 2026-10-01 },
  { person = "D", employer = "Closed", insurance = "injury", starts_on = 2020-01-01 },
  { person = "E", employer = "Foreign body", insurance = "injury", starts_on = 2020-01-01 },
]
finds    = []

[[example]]
why      = "an account that counts staff and is suspended: whether anybody is insured is not for the data to decide"
today    = 2026-11-21
employer = [{ employer = "Shop" }, { employer = "Mill" }]
enrollment = [
  { person = "A", employer = "Shop", starts_on = 2020-01-01 },
  { person = "B", employer = "Mill", starts_on = 2020-01-01 },
  { person = "B", employer = "Mill", insurance = "injury", starts_on = 2020-01-01 },
]
employer_account = [{ employer = "Shop", insurance = "injury", headcount = 3, state = "suspended" }]
finds    = []
unknown  = ["Shop"]
*/
select partly.employer_key as subject_key,
       partly.employer_key,
       partly.area,
       partly.region,
       case when partly.doubtful = 0 then 'FOUND' else 'UNKNOWN' end as verdict,
       case when partly.doubtful > 0 then 'an account counts staff and is suspended' end as unknown_because,
       partly.present as insurances,
       partly.lacking as insurances_lacking,
       partly.persons as persons_insured,
       employer,
       accounts.employer_account
from (
    select demanded.employer_key, demanded.area, demanded.region, demanded.industry,
           count(*) as demanded,
           count(*) filter (where enrolled.employer_key is not null or account.counting) as given,
           count(*) filter (where enrolled.employer_key is null and account.counting is false) as doubtful,
           string_agg(demanded.insurance, ', ' order by demanded.insurance)
               filter (where enrolled.employer_key is not null or account.counting) as present,
           string_agg(demanded.insurance, ', ' order by demanded.insurance)
               filter (where enrolled.employer_key is null and account.counting is not true) as lacking,
           max(enrolled.persons) as persons,
           min(enrolled.since) as since
    from (
        select employer.employer_key, employer.area, employer.region, employer.industry, mandatory.insurance
        from open_employer as employer
        join (
            select kinds.key as kind, jsonb_array_elements_text(kinds.value) as insurance
            from jsonb_each(:mandatory_insurances) as kinds
        ) as mandatory on mandatory.kind = employer.kind
        join (
            select jsonb_array_elements_text(:insurances_held) as insurance
        ) as held on held.insurance = mandatory.insurance
        where employer.closes_on > :today
    ) as demanded
    left join (
        select staff.employer_key,
               case when staff.insurance = 'organ_pension' then 'employee_pension' else staff.insurance end as insurance,
               count(distinct staff.person_key) as persons, min(staff.starts_on) as since
        from enrollment as staff
        join employer as owned on owned.employer_key = staff.employer_key
        left join pensioner on pensioner.person_key = staff.person_key
        where staff.state = 'active' and staff.starts_on < :data_until and staff.ends_on >= :data_until
          and pensioner.person_key is null
          and (owned.kind <> 'individual_business'
               or staff.person_key is distinct from owned.legal_representative_key)
        group by staff.employer_key,
                 case when staff.insurance = 'organ_pension' then 'employee_pension' else staff.insurance end
    ) as enrolled on enrolled.employer_key = demanded.employer_key and enrolled.insurance = demanded.insurance
    left join (
        select employer_key,
               case when insurance = 'organ_pension' then 'employee_pension' else insurance end as insurance,
               bool_or(state = 'normal') as counting
        from employer_account
        where kind = 'social_insurance' and headcount > 0 and state in ('normal', 'suspended')
        group by employer_key, case when insurance = 'organ_pension' then 'employee_pension' else insurance end
    ) as account on account.employer_key = demanded.employer_key and account.insurance = demanded.insurance
    group by demanded.employer_key, demanded.area, demanded.region, demanded.industry
) as partly
join employer on employer.employer_key = partly.employer_key
left join (
    select employer_key, array_agg(employer_account) as employer_account
    from employer_account
    where kind = 'social_insurance'
    group by employer_key
) as accounts on accounts.employer_key = partly.employer_key
left join (
    select jsonb_array_elements_text(:injury_first_industries) as beginning
) as excepted on partly.industry like excepted.beginning || '%' and partly.present = 'injury'
where partly.given < partly.demanded
  and partly.persons > 0
  -- a spell's first day is the first of its month: the month is given on top
  and partly.since + interval '1 month' + :new_employer_grace_days * interval '1 day' <= :data_until
  and excepted.beginning is null;
