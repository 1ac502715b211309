/*
id         = "U18"
title      = "An employer of a target sector has not enrolled all its staff (重点行业未全员参保)"
subject    = "employer"
severity   = "medium"
basis      = ["盐城市社会保险扩面征缴三年提升行动计划 三(一)1", "社会保险法 第五十八条"]
needs      = [
  "tax/registration", "human_resources/enrollment", "human_resources/benefit", "tax/payroll",
  "market_supervision/registration", "market_supervision/cancellation",
]
misses     = ["human_resources/enrollment"]
consults   = ["education/student", "human_resources/insured_elsewhere"]
parameters = ["target_industries", "headcount_gap", "new_employer_grace_days"]

[explanation]
zh = "扩面重点行业（劳务外包、房地产、物业管理、餐饮、宾馆、中介服务等）的单位，税务登记的从业人数超过参保人数达到“差异较大”标准，或者有从业人员而无人参保。行业代码不能确定的不作判断。已扣除个税申报中可见的退休返聘、在校学生、由其他单位（含劳务派遣单位）参保的人员。分支机构、未在本地登记的单位可能在他处参保，不作判断。请核对用工名册，督促为未参保职工办理参保登记。"
en = "An employer of a sector that is to be enrolled with emphasis (outsourcing, real estate, restaurants, hotels, agencies) employs, by its tax registration, more persons than it has enrolled, by a great difference, or employs some and has enrolled nobody. Where the industry code is not certain nothing is said. Left out are those whom its payroll shows to be retired, at school or insured by another employer, an agency too. A branch, or an employer registered in another place, may be insured there and is not judged. Compare the staff roll with the enrollments, and urge the employer to enroll whoever is missing."

[[example]]
why      = "a great difference is found, and nobody enrolled at all; two more than enrolled are no great difference"
today    = 2026-11-21
employer = [
  { employer = "Short", industry = "6210", registered_on = 2015-01-01 }, { employer = "Nobody's", industry = "6210", registered_on = 2015-01-01 },
  { employer = "Near", industry = "6210", registered_on = 2015-01-01 }, { employer = "Whole", industry = "6210", registered_on = 2015-01-01 },
  { employer = "Other trade", industry = "3499", registered_on = 2015-01-01 },
]
employer_account = [
  { employer = "Short", kind = "tax", headcount = 5 },
  { employer = "Nobody's", kind = "tax", headcount = 1 },
  { employer = "Near", kind = "tax", headcount = 4 },
  { employer = "Whole", kind = "tax", headcount = 1 },
  { employer = "Other trade", kind = "tax", headcount = 9 },
]
enrollment = [
  { person = "A", employer = "Short", starts_on = 2020-01-01 },
  { person = "B", employer = "Near", insurance = "injury", starts_on = 2020-01-01 },
  { person = "C", employer = "Near", starts_on = 2020-01-01 },
  { person = "D", employer = "Whole", starts_on = 2020-01-01 },
]
finds    = ["Short", "Nobody's"]

[[example]]
why      = "a pensioner hired again, a student and whom an agency or another place insures are not missing"
today    = 2026-11-21
employer = [{ employer = "Mill", industry = "6210", registered_on = 2015-01-01 }]
employer_account = [
  { employer = "Mill", kind = "tax", headcount = 5 },
]
enrollment = [
  { person = "A", employer = "Mill", starts_on = 2020-01-01 },
  { person = "Dispatched", employer = "Agency", starts_on = 2020-01-01 },
  { person = "Posted", starts_on = 2020-01-01, region = "370202" },
]
benefit  = [{ person = "Hired again", starts_on = 2015-01-01 }]
life_event = [{ person = "Student", kind = "studying", happened_on = 2024-09-01, ends_on = 2028-07-01 }]
payroll  = [
  { person = "A", employer = "Mill", month = 2026-10-01, yuan = 5000 },
  { person = "Hired again", employer = "Mill", month = 2026-10-01, yuan = 3000 },
  { person = "Student", employer = "Mill", month = 2026-10-01, yuan = 2000 },
  { person = "Dispatched", employer = "Mill", month = 2026-09-01, yuan = 1000 },
  { person = "Posted", employer = "Mill", month = 2026-10-01, yuan = 5000 },
]
finds    = []

[[example]]
why      = "closed, or so new that its days to register are not over: nothing is to be done yet"
today    = 2026-11-21
employer = [
  { employer = "Closed", industry = "6210", registered_on = 2015-01-01, status = "cancelled" },
  { employer = "New", industry = "6210", registered_on = 2026-10-05 },
]
employer_account = [
  { employer = "Closed", kind = "tax", headcount = 9 },
  { employer = "New", kind = "tax", headcount = 9 },
]
finds    = []

[[example]]
why      = "a branch, an employer whose staff nobody counts, and one whose industry code is not certain: its zero may be lost"
today    = 2026-11-21
employer = [
  { employer = "Branch", kind = "branch", industry = "6210", registered_on = 2015-01-01 },
  { employer = "Unsure", registered_on = 2015-01-01 },
  { employer = "Uncounted", industry = "6210", registered_on = 2015-01-01 },
]
employer_account = [
  { employer = "Branch", kind = "tax", headcount = 9 },
  { employer = "Uncounted", kind = "tax" },
  { employer = "Unsure", kind = "tax", headcount = 9 },
]
finds    = []
unknown  = ["Branch", "Uncounted", "Unsure"]
*/
select judged.employer_key as subject_key,
       judged.employer_key,
       judged.area,
       judged.region,
       case when judged.doubt is null then 'FOUND' else 'UNKNOWN' end as verdict,
       judged.doubt as unknown_because,
       judged.said as staff_said,
       judged.enrolled,
       judged.exempt,
       judged.said - judged.enrolled - judged.exempt as not_enrolled,
       case when :missing = '' then 'confirmed' else 'to_be_checked' end as certainty,
       nullif(:missing, '') as not_delivered,
       judged.employer,
       judged.employer_account
from (
    select listed.employer_key, listed.said, listed.employer_account, employer.area, employer.region, employer.employer,
           coalesce(known.enrolled, 0) as enrolled,
           coalesce(known.persons - known.enrolled, 0) + employer.owners as exempt,
           case
               when listed.said is null then 'nobody tells how many work there'
               when employer.industry is null then 'the industry is not told for certain'
               else employer.doubt
           end as doubt
    from (
        select employer_key, max(headcount) as said, array_agg(employer_account) as employer_account
        from employer_account
        where kind = 'tax' and state = 'normal'
        group by employer_key
    ) as listed
    join obliged_employer as employer on employer.employer_key = listed.employer_key
    left join (
        select distinct code.industry
        from (
            select distinct industry from employer
        ) as code
        join (
            select jsonb_array_elements_text(:target_industries) as beginning
        ) as target on code.industry like target.beginning || '%'
    ) as sector on sector.industry = employer.industry
    left join (
        select employer_key, count(distinct person_key) as persons,
               count(distinct person_key) filter (where enrolled) as enrolled
        from (
            select employer_key, person_key, starts_on, ends_on, true as enrolled from employer_spell
            union all
            select employer_key, person_key, starts_on, ends_on, false from excused
        ) as accounted_for
        where starts_on <= :today and ends_on >= :data_until
        group by employer_key
    ) as known on known.employer_key = listed.employer_key
    where employer.closes_on > :today
      and coalesce(employer.registered_on + :new_employer_grace_days < :data_until, true)
      -- those of whom the register of the market tells an industry
      and employer.status = 'operating'
      and employer.kind in ('enterprise', 'cooperative', 'individual_business', 'branch')
      and (sector.industry is not null or employer.industry is null)
) as judged
where judged.said is null
   or judged.said - judged.enrolled - judged.exempt >= case when judged.enrolled = 0 then 1 else :headcount_gap end;
