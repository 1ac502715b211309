/*
id         = "U15A"
title      = "An express outlet has not all its staff in injury insurance (基层快递网点未参加工伤保险)"
subject    = "employer"
severity   = "high"
among      = ["transport/express_outlet", "postal/express_outlet"]
basis      = ["荣政办发〔2024〕3号 一(二)、措施5", "人社厅发〔2021〕101号", "工伤保险条例 第二条、第十条"]
needs      = [
  "transport/express_outlet", "human_resources/enrollment", "human_resources/benefit", "tax/payroll",
  "market_supervision/registration", "market_supervision/cancellation",
]
misses     = ["human_resources/enrollment"]
consults   = ["postal/express_outlet", "education/student", "human_resources/insured_elsewhere"]
parameters = ["courier_injury_coverage", "new_employer_grace_days"]

[explanation]
zh = "基层快递网点的从业人数超过其参加工伤保险的人数。网点可以优先参加工伤保险，覆盖率要求为100%。两个部门都报的网点取较大的从业人数，一个企业的多个网点合并计算。已扣除个税申报中可见的退休返聘、在校学生、由其他单位（含劳务派遣单位）参保的人员；个体经营的网点扣除经营者一人。分支机构、未在本地登记的企业可能在他处参保，不作判断。请督促网点为快递员办理工伤保险。"
en = "An express outlet is said to employ more persons than it has in injury insurance, which outlets may take out first and which is to cover all of them. Of two offices that list it the larger figure counts, and the outlets of one enterprise count together. Left out are those whom its payroll shows to be retired, at school or insured by another employer, and the owner of an individual business. A branch, or an enterprise registered in another place, may be insured there and is not judged. Urge the outlet to insure its couriers."

[[example]]
why      = "one of two outlets' six is missing; where nobody is; where the owner is the only one without, none is"
today    = 2026-11-21
employer = [
  { employer = "Swift", registered_on = 2015-01-01 }, { employer = "Bare", registered_on = 2015-01-01 },
  { employer = "Corner", kind = "individual_business", registered_on = 2015-01-01 },
  { employer = "Covered", registered_on = 2015-01-01 },
]
employer_listing = [
  { employer = "Swift", kind = "express_outlet", label = "East", headcount = 1, delivery = "transport/express_outlet" },
  { employer = "Swift", kind = "express_outlet", label = "West", headcount = 1, delivery = "transport/express_outlet" },
  { employer = "Swift", kind = "express_outlet", label = "East", headcount = 1, delivery = "postal/express_outlet" },
  { employer = "Bare", kind = "express_outlet", label = "Bare", headcount = 3, delivery = "postal/express_outlet" },
  { employer = "Corner", kind = "express_outlet", label = "Corner", headcount = 2, delivery = "transport/express_outlet" },
  { employer = "Covered", kind = "express_outlet", label = "Covered", headcount = 1, delivery = "transport/express_outlet" },
]
enrollment = [
  { person = "A", employer = "Swift", insurance = "injury", starts_on = 2020-01-01 },
  { person = "B", employer = "Swift", starts_on = 2020-01-01 },
  { person = "C", employer = "Corner", insurance = "injury", starts_on = 2020-01-01 },
  { person = "D", employer = "Covered", insurance = "injury", starts_on = 2020-01-01 },
]
finds    = ["Swift", "Bare"]

[[example]]
why      = "given up, new, or without anybody but pensioners hired again and those whom an agency insures"
today    = 2026-11-21
employer = [
  { employer = "Given up", registered_on = 2015-01-01 }, { employer = "New", registered_on = 2026-10-12 },
  { employer = "Helped", registered_on = 2015-01-01 },
]
employer_listing = [
  { employer = "Given up", kind = "express_outlet", headcount = 3, ends_on = 2026-08-01, delivery = "transport/express_outlet" },
  { employer = "New", kind = "express_outlet", headcount = 3, delivery = "transport/express_outlet" },
  { employer = "Helped", kind = "express_outlet", headcount = 2, delivery = "transport/express_outlet" },
]
benefit  = [{ person = "Hired again", starts_on = 2015-01-01 }]
enrollment = [{ person = "Dispatched", employer = "Agency", insurance = "injury", starts_on = 2020-01-01 }]
payroll  = [
  { person = "Hired again", employer = "Helped", month = 2026-10-01, yuan = 3000 },
  { person = "Dispatched", employer = "Helped", month = 2026-10-01, yuan = 500 },
]
finds    = []

[[example]]
why      = "a branch may be insured through its head office; nobody tells how many work at the other"
today    = 2026-11-21
employer = [
  { employer = "Branch", kind = "branch", registered_on = 2015-01-01 },
  { employer = "Uncounted", registered_on = 2015-01-01 },
]
employer_listing = [
  { employer = "Branch", kind = "express_outlet", headcount = 3, delivery = "transport/express_outlet" },
  { employer = "Uncounted", kind = "express_outlet", delivery = "transport/express_outlet" },
]
finds    = []
unknown  = ["Branch", "Uncounted"]
*/
select judged.employer_key as subject_key,
       judged.employer_key,
       judged.area,
       judged.region,
       case when judged.doubt is null then 'FOUND' else 'UNKNOWN' end as verdict,
       judged.doubt as unknown_because,
       judged.said as staff_said,
       judged.enrolled as in_injury_insurance,
       judged.exempt,
       judged.said - judged.enrolled - judged.exempt as not_enrolled,
       case when :missing = '' then 'confirmed' else 'to_be_checked' end as certainty,
       nullif(:missing, '') as not_delivered,
       judged.employer,
       judged.employer_listing
from (
    select listed.employer_key, listed.said, listed.employer_listing, employer.area, employer.region, employer.employer,
           coalesce(known.enrolled, 0) as enrolled,
           coalesce(known.persons - known.enrolled, 0) + employer.owners as exempt,
           case when listed.said is null then 'nobody tells how many work there' else employer.doubt end as doubt
    from (
        -- the outlets of an enterprise together, and of two offices that count them the larger figure
        select employer_key, array_agg(employer_listing) as employer_listing,
               greatest(sum(headcount) filter (where delivery = 'transport/express_outlet'),
                        sum(headcount) filter (where delivery = 'postal/express_outlet')) as said
        from listing
        where kind = 'express_outlet' and starts_on < :data_until and ends_on >= :data_until
        group by employer_key
    ) as listed
    join obliged_employer as employer on employer.employer_key = listed.employer_key
    left join (
        select employer_key, count(distinct person_key) as persons,
               count(distinct person_key) filter (where enrolled) as enrolled
        from accounted_for
        where delivery in ('transport/express_outlet', 'postal/express_outlet')
          and starts_on <= :today and ends_on >= :data_until and (insurance = 'injury' or not enrolled)
        group by employer_key
    ) as known on known.employer_key = listed.employer_key
    where employer.closes_on > :today
      and coalesce(employer.registered_on + :new_employer_grace_days < :data_until, true)
) as judged
where judged.said is null
   or judged.enrolled < :courier_injury_coverage * (judged.said - judged.exempt);
