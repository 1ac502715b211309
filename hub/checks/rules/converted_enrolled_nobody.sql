/*
id         = "U20"
title      = "An individual business became an enterprise and enrolled nobody (个转企后无人参保)"
subject    = "employer"
severity   = "high"
among      = ["market_supervision/conversion"]
basis      = ["乌海政发〔2020〕17号 四(二)1", "社会保险法 第五十七条、第五十八条"]
needs      = [
  "market_supervision/conversion", "human_resources/enrollment", "human_resources/benefit", "tax/payroll",
  "market_supervision/registration", "market_supervision/cancellation",
]
misses     = ["human_resources/enrollment"]
consults   = ["education/student", "human_resources/insured_elsewhere"]
parameters = ["new_employer_grace_days"]

[explanation]
zh = "个体工商户转型升级为企业，超过规定期限，名单所报从业人员除经营者外还有他人，仍无任何职工参保。已扣除个税申报中可见的退休返聘、在校学生、由其他单位（含劳务派遣单位）参保的人员。只有一名从业人员的，可能只是经营者本人，不作判断。请督促转型企业为职工办理参保登记。"
en = "An individual business was converted into an enterprise, past the days it has to register, and by the list others than its owner work there, but nobody is enrolled in any insurance. Left out are those whom its payroll shows to be retired, at school or insured by another employer. Where only one person is said to work there it may be the owner, and nothing is said. Urge the enterprise to enroll its staff."

[[example]]
why      = "converted months ago, three work there, nobody is enrolled; with one enrolled it is no matter of this rule"
today    = 2026-11-21
employer = [
  { employer = "Bakery", registered_on = 2026-03-01 }, { employer = "Forge", registered_on = 2026-03-01 },
]
employer_listing = [
  { employer = "Bakery", kind = "converted", starts_on = 2026-03-01, headcount = 3, delivery = "market_supervision/conversion" },
  { employer = "Forge", kind = "converted", starts_on = 2026-03-01, headcount = 9, delivery = "market_supervision/conversion" },
]
enrollment = [{ person = "Smith", employer = "Forge", insurance = "injury", starts_on = 2026-04-01 }]
finds    = ["Bakery"]

[[example]]
why      = "converted within its thirty days, closed since, or with nobody beside the owner but a pensioner hired again"
today    = 2026-11-21
employer = [
  { employer = "New", registered_on = 2026-10-12 }, { employer = "Closed", registered_on = 2026-03-01 },
  { employer = "Pair", registered_on = 2026-03-01 },
]
employer_closure = [{ employer = "Closed", closed_on = 2026-10-20 }]
employer_listing = [
  { employer = "New", kind = "converted", starts_on = 2026-10-12, headcount = 3, delivery = "market_supervision/conversion" },
  { employer = "Closed", kind = "converted", starts_on = 2026-03-01, headcount = 3, delivery = "market_supervision/conversion" },
  { employer = "Pair", kind = "converted", starts_on = 2026-03-01, headcount = 2, delivery = "market_supervision/conversion" },
]
benefit  = [
  { person = "Grandma", starts_on = 2015-01-01 }, { person = "Grandpa", starts_on = 2015-01-01 },
]
payroll  = [
  { person = "Grandma", employer = "Pair", month = 2026-10-01, yuan = 3000 },
  { person = "Grandpa", employer = "Pair", month = 2026-10-01, yuan = 3000 },
]
finds    = []

[[example]]
why      = "one who may be the owner, staff that nobody counted, and an employer that no register here knows"
today    = 2026-11-21
employer = [
  { employer = "Alone", registered_on = 2026-03-01 }, { employer = "Uncounted", registered_on = 2026-03-01 },
  { employer = "From elsewhere", status = "introduced" },
]
employer_listing = [
  { employer = "Alone", kind = "converted", starts_on = 2026-03-01, headcount = 1, delivery = "market_supervision/conversion" },
  { employer = "Uncounted", kind = "converted", starts_on = 2026-03-01, delivery = "market_supervision/conversion" },
  { employer = "From elsewhere", kind = "converted", starts_on = 2026-03-01, headcount = 5, delivery = "market_supervision/conversion" },
]
finds    = []
unknown  = ["Alone", "Uncounted", "From elsewhere"]
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
           case
               when listed.said is null then 'nobody tells how many work there'
               when listed.said - coalesce(known.persons, 0) = 1 then 'perhaps only its owner works there'
               else employer.doubt
           end as doubt
    from (
        select employer_key, max(headcount) as said, array_agg(employer_listing) as employer_listing
        from listing
        where delivery = 'market_supervision/conversion' and starts_on + :new_employer_grace_days < :data_until
        group by employer_key
    ) as listed
    join obliged_employer as employer on employer.employer_key = listed.employer_key
    left join (
        select employer_key, count(distinct person_key) as persons,
               count(distinct person_key) filter (where enrolled) as enrolled
        from accounted_for
        where delivery = 'market_supervision/conversion' and starts_on <= :today and ends_on >= :data_until
        group by employer_key
    ) as known on known.employer_key = listed.employer_key
    where employer.closes_on > :today
      and coalesce(employer.registered_on + :new_employer_grace_days < :data_until, true)
      and coalesce(known.enrolled, 0) = 0
) as judged
where judged.said is null or judged.said > judged.exempt;
