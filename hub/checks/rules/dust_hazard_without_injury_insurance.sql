/*
id         = "U14"
title      = "Workers exposed to dust are not in injury insurance (尘肺病重点行业未参加工伤保险)"
subject    = "employer"
severity   = "high"
among      = ["health/dust_hazard"]
basis      = ["乌海政发〔2020〕17号 四(一)5", "工伤保险条例 第二条、第十条"]
needs      = [
  "health/dust_hazard", "human_resources/enrollment", "human_resources/benefit", "tax/payroll",
  "market_supervision/registration", "market_supervision/cancellation",
]
misses     = ["human_resources/enrollment"]
consults   = ["education/student", "human_resources/insured_elsewhere"]
parameters = ["dust_industries", "new_employer_grace_days"]

[explanation]
zh = "粉尘危害基础数据库中煤矿、非煤矿山、冶金、建材等尘肺病重点行业的单位，接尘人数多于其参加工伤保险的人数：至少相差的人数没有工伤保障。已扣除个税申报中可见的退休返聘、在校学生、由其他单位（含劳务派遣单位）参保的人员。行业代码不能确定（前导零可能丢失，如61可能是061煤炭，也可能是61住宿）的不作判断。请督促单位为接尘人员办理工伤保险。"
en = "An employer of an industry in which pneumoconiosis is common (coal, other mines, metallurgy, building materials) has more workers exposed to dust, by the health authority's list, than it has in injury insurance: so many at least are without cover. Left out are those whom its payroll shows to be retired, at school or insured by another employer. Where the industry code is not certain (61 may be coal that lost its zero, or lodging) nothing is said. Urge the employer to insure the exposed."

[[example]]
why      = "three are exposed and one is in injury insurance; where four are, the exposed may be among them; another industry"
today    = 2026-11-21
employer = [
  { employer = "Mine", industry = "0610", registered_on = 2010-01-01 },
  { employer = "Quarry", industry = "1012", registered_on = 2010-01-01 },
  { employer = "Brickworks", industry = "3031", registered_on = 2010-01-01 },
  { employer = "Shipyard", industry = "3734", registered_on = 2010-01-01 },
  { employer = "Hotel", industry = "6110", registered_on = 2010-01-01 },
]
employer_listing = [
  { employer = "Mine", kind = "dust_hazard", headcount = 9, part_headcount = 3, delivery = "health/dust_hazard" },
  { employer = "Quarry", kind = "dust_hazard", headcount = 9, part_headcount = 1, delivery = "health/dust_hazard" },
  { employer = "Brickworks", kind = "dust_hazard", headcount = 9, part_headcount = 2, delivery = "health/dust_hazard" },
  { employer = "Shipyard", kind = "dust_hazard", headcount = 9, part_headcount = 3, delivery = "health/dust_hazard" },
  { employer = "Hotel", kind = "dust_hazard", headcount = 9, part_headcount = 3, delivery = "health/dust_hazard" },
]
enrollment = [
  { person = "A", employer = "Mine", insurance = "injury", starts_on = 2020-01-01 },
  { person = "B", employer = "Quarry", starts_on = 2020-01-01 },
  { person = "C", employer = "Brickworks", insurance = "injury", starts_on = 2020-01-01 },
  { person = "D", employer = "Brickworks", insurance = "injury", starts_on = 2020-01-01 },
]
finds    = ["Mine", "Quarry"]

[[example]]
why      = "off the list, closed, and a mine whose third exposed worker is a pensioner hired again"
today    = 2026-11-21
employer = [
  { employer = "Off", industry = "0610", registered_on = 2010-01-01 },
  { employer = "Closed", industry = "0610", registered_on = 2010-01-01, status = "revoked" },
  { employer = "Mine", industry = "0610", registered_on = 2010-01-01 },
]
employer_listing = [
  { employer = "Off", kind = "dust_hazard", part_headcount = 3, ends_on = 2026-02-01, delivery = "health/dust_hazard" },
  { employer = "Closed", kind = "dust_hazard", part_headcount = 3, delivery = "health/dust_hazard" },
  { employer = "Mine", kind = "dust_hazard", part_headcount = 2, delivery = "health/dust_hazard" },
]
enrollment = [{ person = "A", employer = "Mine", insurance = "injury", starts_on = 2020-01-01 }]
benefit  = [{ person = "Hired again", starts_on = 2015-01-01 }]
payroll  = [{ person = "Hired again", employer = "Mine", month = 2026-10-01, yuan = 3000 }]
finds    = []

[[example]]
why      = "a code whose zero may be lost is kept by nobody: the industry is not told; nor is how many are exposed"
today    = 2026-11-21
employer = [
  { employer = "Coal or inn", registered_on = 2010-01-01 },
  { employer = "Insured", registered_on = 2010-01-01 },
  { employer = "Uncounted", industry = "0610", registered_on = 2010-01-01 },
]
employer_listing = [
  { employer = "Coal or inn", kind = "dust_hazard", part_headcount = 3, delivery = "health/dust_hazard" },
  { employer = "Insured", kind = "dust_hazard", part_headcount = 1, delivery = "health/dust_hazard" },
  { employer = "Uncounted", kind = "dust_hazard", headcount = 9, delivery = "health/dust_hazard" },
]
enrollment = [{ person = "A", employer = "Insured", insurance = "injury", starts_on = 2020-01-01 }]
finds    = []
unknown  = ["Coal or inn", "Uncounted"]
*/
select judged.employer_key as subject_key,
       judged.employer_key,
       judged.area,
       judged.region,
       case when judged.doubt is null then 'FOUND' else 'UNKNOWN' end as verdict,
       judged.doubt as unknown_because,
       judged.said as exposed,
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
           case
               when listed.said is null then 'the list does not tell how many are exposed'
               when employer.industry is null then 'the industry is not told for certain'
               else employer.doubt
           end as doubt
    from (
        select employer_key, max(part_headcount) as said, array_agg(employer_listing) as employer_listing
        from listing
        where delivery = 'health/dust_hazard' and starts_on < :data_until and ends_on >= :data_until
        group by employer_key
    ) as listed
    join obliged_employer as employer on employer.employer_key = listed.employer_key
    left join (
        select distinct code.industry
        from (
            select distinct industry from employer
        ) as code
        join (
            select jsonb_array_elements_text(:dust_industries) as beginning
        ) as dusty on code.industry like dusty.beginning || '%'
    ) as sector on sector.industry = employer.industry
    left join (
        select employer_key, count(distinct person_key) as persons,
               count(distinct person_key) filter (where enrolled) as enrolled
        from accounted_for
        where delivery = 'health/dust_hazard'
          and starts_on <= :today and ends_on >= :data_until and (insurance = 'injury' or not enrolled)
        group by employer_key
    ) as known on known.employer_key = listed.employer_key
    where employer.closes_on > :today
      and coalesce(employer.registered_on + :new_employer_grace_days < :data_until, true)
      and (sector.industry is not null or employer.industry is null)
) as judged
where judged.said is null or judged.said > judged.enrolled + judged.exempt;
