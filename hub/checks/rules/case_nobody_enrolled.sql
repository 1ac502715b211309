/*
subject    = "employer"
severity   = "high"
basis      = ["荣政办发〔2024〕3号 措施2", "社会保险法 第五十七条、第五十八条"]
needs      = [
  ":delivery", "human_resources/enrollment", "human_resources/benefit",
  "market_supervision/registration", "market_supervision/cancellation",
]
misses     = ["human_resources/enrollment"]
consults   = ["education/student", "human_resources/insured_elsewhere"]
parameters = ["new_employer_grace_days"]

[explanation]
zh = ":zh办案过程中出现的、没有任何职工参保的单位。及时移送劳动保障监察机构，纳入日常巡查重点对象。案件正在办理的也移送；全部案件:refused_zh、撤回，或者劳动者当时由其他单位参保、已退休的，不能说明有劳动关系，不作判断。分支机构、未在本地登记的单位可能在他处参保，不作判断。"
en = "In :en an employer appeared that has enrolled nobody. Refer it to labor inspection, for its daily rounds. Cases that are not closed count too; where all of them were :refused or withdrawn, or the worker was enrolled by another employer at the time or retired, they show no employment, and nothing is said. A branch, or an employer registered in another place, may be insured there and is not judged."

[[list]]
id         = "U23A"
name       = "injury_case_nobody_enrolled"
title      = "An employer of an injury case has enrolled nobody (工伤认定案件单位未参保)"
basis      = ["工伤保险条例 第六十二条"]
delivery   = "human_resources/injury_recognition"
kind       = "injury_recognition"
upheld     = "recognized"
refused    = "denied"
zh         = "工伤认定"
refused_zh = "不予认定"
en         = "a case of injury recognition"

[[list]]
id         = "U23B"
name       = "arbitration_case_nobody_enrolled"
title      = "An employer in arbitration has enrolled nobody (仲裁案件单位未参保)"
delivery   = "human_resources/arbitration"
kind       = "arbitration"
upheld     = "settled"
refused    = "dismissed"
zh         = "劳动争议仲裁"
refused_zh = "驳回"
en         = "a labor dispute before arbitration"

[[example]]
why      = "an employer without anybody enrolled, whose case is pending or decided; one enrolled, and it is no matter of this rule"
today    = 2026-11-21
employer = [
  { employer = "Bakery", registered_on = 2015-01-01 }, { employer = "Yard", registered_on = 2015-01-01 },
  { employer = "Stall", kind = "individual_business", registered_on = 2015-01-01 },
  { employer = "Forge", registered_on = 2015-01-01 },
]
labor_case = [
  { employer = "Bakery", kind = ":kind", person = "Baker", opened_on = 2026-03-02, result = ":upheld" },
  { employer = "Yard", kind = ":kind", opened_on = 2026-10-20, result = "pending" },
  { employer = "Stall", kind = ":kind", person = "Cook", opened_on = 2026-05-06, result = ":refused" },
  { employer = "Stall", kind = ":kind", case_no = "2", person = "Help", opened_on = 2026-06-06, result = ":upheld" },
  { employer = "Forge", kind = ":kind", person = "Smith", opened_on = 2026-03-02, result = ":upheld" },
]
enrollment = [
  { person = "Baker", employer = "Bakery", starts_on = 2020-01-01, ends_on = 2025-06-01, state = "ended" },
  { person = "Clerk", employer = "Forge", insurance = "injury", starts_on = 2020-01-01 },
]
finds    = ["Bakery", "Yard", "Stall"]

[[example]]
why      = "closed since, new in these days, or appeared in a case of another kind"
today    = 2026-11-21
employer = [
  { employer = "Closed", registered_on = 2015-01-01, status = "cancelled" }, { employer = "New", registered_on = 2026-10-15 },
  { employer = "Inspected", registered_on = 2015-01-01 },
]
labor_case = [
  { employer = "Closed", kind = ":kind", opened_on = 2026-03-02, result = ":upheld" },
  { employer = "New", kind = ":kind", opened_on = 2026-10-20, result = "pending" },
  { employer = "Inspected", kind = "random_check", opened_on = 2026-10-20, result = "corrected" },
]
finds    = []

[[example]]
why      = "cases that show no employment: :refused, the worker enrolled by an agency at the time, retired; and a branch"
today    = 2026-11-21
employer = [
  { employer = "Denied", registered_on = 2015-01-01 }, { employer = "User", registered_on = 2015-01-01 },
  { employer = "Helped", registered_on = 2015-01-01 }, { employer = "Branch", kind = "branch", registered_on = 2015-01-01 },
]
labor_case = [
  { employer = "Denied", kind = ":kind", person = "Stranger", opened_on = 2026-03-02, result = ":refused" },
  { employer = "User", kind = ":kind", person = "Dispatched", opened_on = 2026-03-02, result = ":upheld" },
  { employer = "Helped", kind = ":kind", person = "Hired again", opened_on = 2026-03-02, result = ":upheld" },
  { employer = "Branch", kind = ":kind", person = "Clerk", opened_on = 2026-03-02, result = ":upheld" },
]
enrollment = [{ person = "Dispatched", employer = "Agency", starts_on = 2020-01-01, ends_on = 2026-06-01, state = "ended" }]
benefit  = [{ person = "Hired again", starts_on = 2015-01-01 }]
finds    = []
unknown  = ["Denied", "User", "Helped", "Branch"]
*/
select judged.employer_key as subject_key,
       judged.employer_key,
       judged.area,
       judged.region,
       case when judged.doubt is null then 'FOUND' else 'UNKNOWN' end as verdict,
       judged.doubt as unknown_because,
       judged.cases,
       case when :missing = '' then 'confirmed' else 'to_be_checked' end as certainty,
       nullif(:missing, '') as not_delivered,
       judged.employer,
       judged.labor_case
from (
    select heard.*, employer.area, employer.region, employer.employer,
           case when heard.cases = 0 then 'no case shows that it employs anybody' else employer.doubt end as doubt
    from (
        select each.employer_key, count(*) filter (where each.shows_employment) as cases,
               array_agg(each.labor_case) as labor_case
        from (
            select labor_case.employer_key, labor_case,
                   coalesce(labor_case.result, '') not in ('denied', 'dismissed', 'withdrawn')
                   and count(otherwise.person_key) = 0 as shows_employment
            from labor_case
            -- of whom an answer was owed by nobody, or by another employer, when the case was opened
            left join (
                select person_key, '00000000-0000-0000-0000-000000000000'::uuid as employer_key, starts_on, ends_on from exempt_worker
                union all
                select person_key, employer_key, starts_on, ends_on from employer_spell
            ) as otherwise
                on otherwise.person_key = labor_case.person_key and otherwise.employer_key <> labor_case.employer_key
               and otherwise.starts_on <= labor_case.opened_on and otherwise.ends_on > labor_case.opened_on
            where labor_case.kind = :kind
            group by labor_case.employer_key, labor_case.case_no, labor_case.result, labor_case
        ) as each
        group by each.employer_key
    ) as heard
    join obliged_employer as employer on employer.employer_key = heard.employer_key
    left join (
        select distinct employer_key from employer_spell where starts_on <= :today and ends_on >= :data_until
    ) as enrolling on enrolling.employer_key = heard.employer_key
    where enrolling.employer_key is null
      and employer.closes_on > :today
      and coalesce(employer.registered_on + :new_employer_grace_days < :data_until, true)
) as judged;
