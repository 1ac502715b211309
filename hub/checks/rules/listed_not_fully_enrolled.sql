/*
subject    = "employer"
severity   = "medium"
among      = [":delivery"]
basis      = ["盐城市社会保险扩面征缴三年提升行动计划 三(一)1、附件2", "社会保险法 第五十八条"]
needs      = [
  ":delivery", "human_resources/enrollment", "human_resources/benefit", "tax/payroll",
  "market_supervision/registration", "market_supervision/cancellation",
]
misses     = ["human_resources/enrollment"]
consults   = ["education/student", "human_resources/insured_elsewhere"]
parameters = ["headcount_gap", "new_employer_grace_days"]

[explanation]
zh = ":zh，名单所报从业人数超过参保人数达到“差异较大”标准，或者有从业人员而无人参保。参保情况纳入园区评价。已扣除个税申报中可见的退休返聘、在校学生、由其他单位（含劳务派遣单位）参保的人员。分支机构、未在本地登记的单位可能在他处参保，不作判断。请核对用工名册，督促为未参保职工办理参保登记。"
en = ":en is said to employ more persons than it has enrolled, by a great difference, or employs some and has enrolled nobody. Enrollment counts for the rating of a park. Left out are those whom its payroll shows to be retired, at school or insured by another employer, an agency too. A branch, or an employer registered in another place, may be insured there and is not judged. Compare the staff roll with the enrollments, and urge the employer to enroll whoever is missing."

[[list]]
id       = "U17A"
name     = "park_not_fully_enrolled"
title    = "An enterprise of a park has not enrolled all its staff (园区企业未全员参保)"
delivery = "commerce/park_enterprise"
zh       = "开发区、高新区、合作园区企业"
en       = "An enterprise of a development or cooperation park"

[[list]]
id       = "U17B"
name     = "service_cluster_not_fully_enrolled"
title    = "An enterprise of a service cluster has not enrolled all its staff (服务业集聚区企业未全员参保)"
delivery = "development_reform/service_cluster"
zh       = "服务业集聚区企业"
en       = "An enterprise of a service cluster"

[[list]]
id       = "U17C"
name     = "tourism_park_not_fully_enrolled"
title    = "An enterprise of a tourism park has not enrolled all its staff (旅游园区企业未全员参保)"
delivery = "culture_tourism/tourism_park"
zh       = "旅游园区企业"
en       = "An enterprise of a tourism park"

[[list]]
id       = "U17D"
name     = "leading_agricultural_not_fully_enrolled"
title    = "A leading agricultural enterprise has not enrolled all its staff (农业龙头企业未全员参保)"
delivery = "agriculture/leading_enterprise"
zh       = "农业龙头企业、现代农业园区企业"
en       = "A leading agricultural enterprise, or one of an agricultural park,"

[[example]]
why      = "a great difference is found, and nobody enrolled at all; two more than enrolled are no great difference"
today    = 2026-11-21
employer = [
  { employer = "Short", registered_on = 2015-01-01 }, { employer = "Nobody's", registered_on = 2015-01-01 },
  { employer = "Near", registered_on = 2015-01-01 }, { employer = "Whole", registered_on = 2015-01-01 },
  { employer = "Not listed", registered_on = 2015-01-01 },
]
employer_listing = [
  { employer = "Short", headcount = 5, delivery = ":delivery" },
  { employer = "Nobody's", headcount = 1, delivery = ":delivery" },
  { employer = "Near", headcount = 4, delivery = ":delivery" },
  { employer = "Whole", headcount = 1, delivery = ":delivery" },
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
employer = [{ employer = "Mill", registered_on = 2015-01-01 }]
employer_listing = [
  { employer = "Mill", headcount = 5, delivery = ":delivery" },
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
why      = "closed, no longer on the list, or so new that its days to register are not over: nothing is to be done yet"
today    = 2026-11-21
employer = [
  { employer = "Closed", registered_on = 2015-01-01, status = "cancelled" },
  { employer = "Off", registered_on = 2015-01-01 },
  { employer = "New", registered_on = 2026-10-05 },
]
employer_listing = [
  { employer = "Closed", headcount = 9, delivery = ":delivery" },
  { employer = "Off", ends_on = 2026-05-01, headcount = 9, delivery = ":delivery" },
  { employer = "New", headcount = 9, delivery = ":delivery" },
]
finds    = []

[[example]]
why      = "who may be insured through a head office or in another place, and of whom nobody counts the staff"
today    = 2026-11-21
employer = [
  { employer = "Branch", kind = "branch", registered_on = 2015-01-01 },
  { employer = "From elsewhere", status = "introduced" },
  { employer = "Uncounted", registered_on = 2015-01-01 },
]
employer_listing = [
  { employer = "Branch", headcount = 9, delivery = ":delivery" },
  { employer = "From elsewhere", headcount = 9, delivery = ":delivery" },
  { employer = "Uncounted", delivery = ":delivery" },
]
finds    = []
unknown  = ["Branch", "From elsewhere", "Uncounted"]
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
       judged.employer_listing
from (
    select listed.employer_key, listed.said, listed.employer_listing, employer.area, employer.region, employer.employer,
           coalesce(known.enrolled, 0) as enrolled,
           coalesce(known.persons - known.enrolled, 0) + employer.owners as exempt,
           case when listed.said is null then 'nobody tells how many work there' else employer.doubt end as doubt
    from (
        select employer_key, max(headcount) as said, array_agg(employer_listing) as employer_listing
        from listing
        where delivery = :delivery and starts_on < :data_until and ends_on >= :data_until
        group by employer_key
    ) as listed
    join obliged_employer as employer on employer.employer_key = listed.employer_key
    left join (
        select employer_key, count(distinct person_key) as persons,
               count(distinct person_key) filter (where enrolled) as enrolled
        from accounted_for
        where delivery = :delivery and starts_on <= :today and ends_on >= :data_until
        group by employer_key
    ) as known on known.employer_key = listed.employer_key
    where employer.closes_on > :today
      and coalesce(employer.registered_on + :new_employer_grace_days < :data_until, true)
) as judged
where judged.said is null
   or judged.said - judged.enrolled - judged.exempt >= case when judged.enrolled = 0 then 1 else :headcount_gap end;
