/*
id         = "U21"
title      = "Staff hired beside the establishment is not enrolled (机关事业单位聘用人员未参保)"
subject    = "employer"
severity   = "medium"
among      = ["establishment_office/public_institution"]
basis      = ["乌海政发〔2020〕17号 四(二)1", "社会保险法 第十条、第五十八条"]
needs      = [
  "establishment_office/public_institution", "human_resources/enrollment", "human_resources/benefit", "tax/payroll",
]
misses     = ["human_resources/enrollment"]
consults   = ["education/student", "human_resources/insured_elsewhere"]
parameters = ["headcount_gap"]

[explanation]
zh = "机关事业单位编制外聘用人员数超过其参加企业职工基本养老保险的人数达到“差异较大”标准，或者有聘用人员而无人参保。在编人员参加机关事业单位养老保险，不计入。已扣除个税申报中可见的退休返聘、在校学生、由其他单位（含劳务派遣单位）参保的人员。请主管部门核对聘用人员名册，督促为聘用人员参保。"
en = "An organ or public institution has hired more persons beside its establishment than it has enrolled in the employees' pension, by a great difference, or has hired some and enrolled none of them. Established staff is in the organs' pension and does not count. Left out are those whom its payroll shows to be retired, at school or insured by another employer, an agency too. Compare the list of the hired, and urge the institution to enroll them."

[[example]]
why      = "five hired and two of them enrolled, or one hired and nobody; two missing are no great difference"
today    = 2026-11-21
employer = [
  { employer = "Library", status = "introduced", kind = "public_institution" },
  { employer = "Museum", status = "introduced", kind = "public_institution" },
  { employer = "School", status = "introduced", kind = "public_institution" },
]
employer_listing = [
  { employer = "Library", kind = "public_institution", headcount = 9, part_headcount = 5, delivery = "establishment_office/public_institution" },
  { employer = "Museum", kind = "public_institution", headcount = 9, part_headcount = 1, delivery = "establishment_office/public_institution" },
  { employer = "School", kind = "public_institution", headcount = 9, part_headcount = 3, delivery = "establishment_office/public_institution" },
]
enrollment = [
  { person = "A", employer = "Library", starts_on = 2020-01-01 },
  { person = "B", employer = "Library", starts_on = 2020-01-01 },
  { person = "C", employer = "Museum", insurance = "organ_pension", starts_on = 2020-01-01 },
  { person = "D", employer = "School", starts_on = 2020-01-01 },
]
finds    = ["Library", "Museum"]

[[example]]
why      = "none hired, dissolved, or hired those who draw a pension or are enrolled by the agency that sent them"
today    = 2026-11-21
employer = [
  { employer = "Archive", status = "introduced", kind = "public_institution" },
  { employer = "Dissolved", status = "introduced", kind = "public_institution" },
  { employer = "Clinic", status = "introduced", kind = "public_institution" },
]
employer_listing = [
  { employer = "Archive", kind = "public_institution", headcount = 9, part_headcount = 0, delivery = "establishment_office/public_institution" },
  { employer = "Dissolved", kind = "public_institution", part_headcount = 5, ends_on = 2026-05-01, delivery = "establishment_office/public_institution" },
  { employer = "Clinic", kind = "public_institution", part_headcount = 2, delivery = "establishment_office/public_institution" },
]
benefit  = [{ person = "Hired again", starts_on = 2015-01-01 }]
enrollment = [{ person = "Dispatched", employer = "Agency", starts_on = 2020-01-01 }]
payroll  = [
  { person = "Hired again", employer = "Clinic", month = 2026-10-01, yuan = 3000 },
  { person = "Dispatched", employer = "Clinic", month = 2026-10-01, yuan = 500 },
]
finds    = []

[[example]]
why      = "how many are hired is not told"
today    = 2026-11-21
employer = [{ employer = "Silent", status = "introduced", kind = "public_institution" }]
employer_listing = [
  { employer = "Silent", kind = "public_institution", headcount = 9, delivery = "establishment_office/public_institution" },
]
finds    = []
unknown  = ["Silent"]
*/
select judged.employer_key as subject_key,
       judged.employer_key,
       judged.area,
       judged.region,
       case when judged.doubt is null then 'FOUND' else 'UNKNOWN' end as verdict,
       judged.doubt as unknown_because,
       judged.said as hired,
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
           case when listed.said is null then 'the list does not tell how many are hired' else employer.doubt end as doubt
    from (
        select employer_key, max(part_headcount) as said, array_agg(employer_listing) as employer_listing
        from listing
        where delivery = 'establishment_office/public_institution' and starts_on < :data_until and ends_on >= :data_until
        group by employer_key
    ) as listed
    join obliged_employer as employer on employer.employer_key = listed.employer_key
    left join (
        select employer_key, count(distinct person_key) as persons,
               count(distinct person_key) filter (where enrolled) as enrolled
        from accounted_for
        where delivery = 'establishment_office/public_institution'
          and starts_on <= :today and ends_on >= :data_until and (insurance = 'employee_pension' or not enrolled)
        group by employer_key
    ) as known on known.employer_key = listed.employer_key
    where employer.closes_on > :today
) as judged
where judged.said is null
   or judged.said - judged.enrolled - judged.exempt >= case when judged.enrolled = 0 then 1 else :headcount_gap end;
