/*
subject    = "employer"
severity   = "medium"
among      = [":delivery"]
basis      = ["荣政办发〔2024〕3号 措施10", "社会保险法 第五十八条"]
needs      = [
  ":delivery", "human_resources/enrollment", "human_resources/benefit", "tax/payroll",
  "market_supervision/registration", "market_supervision/cancellation",
]
misses     = ["human_resources/enrollment"]
consults   = ["education/student", "human_resources/insured_elsewhere"]
parameters = ["headcount_gap", "new_employer_grace_days"]

[explanation]
zh = ":zh，名单所报从业人数超过参保人数达到“差异较大”标准，或者有从业人员而无人参保。名单按年度报送，参保人数取上年末与目前的较大值。已扣除个税申报中可见的退休返聘、在校学生、由其他单位（含劳务派遣单位）参保的人员。分支机构、未在本地登记的单位可能在他处参保，不作判断。请核对用工名册，督促为未参保职工办理参保登记。"
en = ":en is said to employ more persons than it has enrolled, by a great difference, or employs some and has enrolled nobody. The list speaks of a year: as enrolled counts whichever is more, now or at the end of the last year. Left out are those whom its payroll shows to be retired, at school or insured by another employer, an agency too. A branch, or an employer registered in another place, may be insured there and is not judged. Compare the staff roll with the enrollments, and urge the employer to enroll whoever is missing."

[[list]]
id       = "U16A"
name     = "preferential_policy_not_fully_enrolled"
title    = "An employer that enjoys a policy has not enrolled all its staff (享受惠企政策未全员参保)"
delivery = "industry/preferential_policy"
zh       = "享受惠企政策的企业"
en       = "An enterprise that enjoys a preferential policy"

[[list]]
id       = "U16B"
name     = "tax_refund_not_fully_enrolled"
title    = "An employer that got taxes back has not enrolled all its staff (享受返税政策未全员参保)"
delivery = "tax/tax_refund"
zh       = "享受返税政策的企业"
en       = "An enterprise that got taxes back under a policy"

[[list]]
id       = "U16C"
name     = "above_scale_not_fully_enrolled"
title    = "An employer above scale or specialized has not enrolled all its staff (规上、专精特新企业未全员参保)"
delivery = "industry/above_scale"
zh       = "规模以上、专精特新企业"
en       = "An enterprise above scale, or recognized as specialized,"

[[example]]
why      = "a great difference is found, and nobody enrolled at all; two more than enrolled are no great difference"
today    = 2026-11-21
employer = [
  { employer = "Short", registered_on = 2015-01-01 }, { employer = "Nobody's", registered_on = 2015-01-01 },
  { employer = "Near", registered_on = 2015-01-01 }, { employer = "Whole", registered_on = 2015-01-01 },
  { employer = "Not listed", registered_on = 2015-01-01 },
]
employer_listing = [
  { employer = "Short", starts_on = 2025-01-01, ends_on = 2026-01-01, headcount = 5, delivery = ":delivery" },
  { employer = "Nobody's", starts_on = 2025-01-01, ends_on = 2026-01-01, headcount = 1, delivery = ":delivery" },
  { employer = "Near", starts_on = 2025-01-01, ends_on = 2026-01-01, headcount = 4, delivery = ":delivery" },
  { employer = "Whole", starts_on = 2025-01-01, ends_on = 2026-01-01, headcount = 1, delivery = ":delivery" },
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
  { employer = "Mill", starts_on = 2025-01-01, ends_on = 2026-01-01, headcount = 5, delivery = ":delivery" },
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
why      = "closed, on the list of years ago, or so new that its days to register are not over: nothing is to be done yet"
today    = 2026-11-21
employer = [
  { employer = "Closed", registered_on = 2015-01-01, status = "cancelled" },
  { employer = "Off", registered_on = 2015-01-01 },
  { employer = "New", registered_on = 2026-10-05 },
]
employer_listing = [
  { employer = "Closed", starts_on = 2025-01-01, ends_on = 2026-01-01, headcount = 9, delivery = ":delivery" },
  { employer = "Off", starts_on = 2024-01-01, ends_on = 2025-01-01, headcount = 9, delivery = ":delivery" },
  { employer = "New", starts_on = 2025-01-01, ends_on = 2026-01-01, headcount = 9, delivery = ":delivery" },
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
  { employer = "Branch", starts_on = 2025-01-01, ends_on = 2026-01-01, headcount = 9, delivery = ":delivery" },
  { employer = "From elsewhere", starts_on = 2025-01-01, ends_on = 2026-01-01, headcount = 9, delivery = ":delivery" },
  { employer = "Uncounted", starts_on = 2025-01-01, ends_on = 2026-01-01, delivery = ":delivery" },
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
        -- lists of this year and the last: the aid of a year is listed when the year is over
        select employer_key, max(headcount) as said, array_agg(employer_listing) as employer_listing
        from listing
        where delivery = :delivery and ends_on >= date_trunc('year', :today::timestamp)
        group by employer_key
    ) as listed
    join obliged_employer as employer on employer.employer_key = listed.employer_key
    left join (
        -- now, or at the end of the last year, of which the list may speak: whichever is more
        select employer_key, greatest(count(distinct person_key) filter (where now),
                                      count(distinct person_key) filter (where before)) as persons,
               greatest(count(distinct person_key) filter (where now and enrolled),
                        count(distinct person_key) filter (where before and enrolled)) as enrolled
        from (
            select employer_key, person_key, enrolled, starts_on <= :today and ends_on > :today as now,
                   starts_on < date_trunc('year', :today::timestamp) as before
            from accounted_for
            where delivery = :delivery and ends_on >= date_trunc('year', :today::timestamp)
        ) as either
        group by employer_key
    ) as known on known.employer_key = listed.employer_key
    where employer.closes_on > :today
      and coalesce(employer.registered_on + :new_employer_grace_days < :data_until, true)
) as judged
where judged.said is null
   or judged.said - judged.enrolled - judged.exempt >= case when judged.enrolled = 0 then 1 else :headcount_gap end;
