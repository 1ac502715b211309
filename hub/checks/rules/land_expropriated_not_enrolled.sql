/*
id         = "P09"
title      = "Farmer whose land was taken, in no pension insurance (被征地农民未参保)"
subject    = "person"
severity   = "high"
basis      = ["社会保险法 第九十六条", "盐城市社会保险扩面征缴三年提升行动计划 三(二)1", "荣政办发〔2024〕3号 措施13"]
needs      = [
  "natural_resources/land_expropriation", "public_security/population", "public_security/change",
  "civil_affairs/cremation", "human_resources/enrollment", "human_resources/resident_pension",
  "human_resources/contribution", "human_resources/benefit",
]
misses     = [
  "human_resources/enrollment", "human_resources/resident_pension", "human_resources/contribution",
  "human_resources/benefit", "public_security/change", "civil_affairs/cremation",
]
consults   = ["education/student", "justice/sentence", "human_resources/insured_elsewhere"]
parameters = ["landless_min_age", "student_age_until"]

[explanation]
zh = "自然资源部门名单上的被征地农民，征地补偿安置方案当日已满16周岁，未参加任何养老保险，也未领取养老待遇，应即征即保、应保尽保。请核实后纳入：有条件的引导以灵活就业方式参加职工养老保险，其余参加城乡居民养老保险；已满60周岁的办理补缴和待遇申领，并核对征地社保补贴是否到账。在校学生除外；学生名单未到位时，25周岁以下人员不作判断；安置日期不明的不作判断。"
en = "A farmer on the list of the natural-resources department was of age on the day of the resettlement plan, is in no pension insurance and draws no pension. Whose land is taken is insured at once: guide whoever can afford it into the employee pension as a flexible worker, enroll the others in the resident pension, have those past sixty pay back, and see where the subsidy for the land went. Students are left out; where their list or the day of the plan is missing, nothing is judged."

[[example]]
why     = "sixteen on the day of the plan, whatever the age today; fifteen on that day is not found"
today   = 2026-11-21
person  = [
  { person = "Farmer", birth_on = 1975-01-01 },
  { person = "Sixteen that day", birth_on = 2009-06-01 },
  { person = "Fifteen that day", birth_on = 2009-06-02 },
  { person = "Old", birth_on = 1950-01-01, sex = "female" },
  { person = "Approval alone", birth_on = 1975-01-01 },
]
land_expropriation = [
  { person = "Farmer", approval_no = "1", arranged_on = 2025-06-01 },
  { person = "Farmer", approval_no = "2", arranged_on = 2026-06-01 },
  { person = "Sixteen that day", approval_no = "1", arranged_on = 2025-06-01 },
  { person = "Fifteen that day", approval_no = "1", arranged_on = 2025-06-01 },
  { person = "Old", approval_no = "1", arranged_on = 2025-06-01 },
  { person = "Approval alone", approval_no = "1", approved_on = 2025-03-01 },
]
finds   = ["Farmer", "Sixteen that day", "Old", "Approval alone"]

[[example]]
why     = "insured in any way, drawing, studying, or gone"
today   = 2026-11-21
person  = [
  { person = "Resident payer", birth_on = 1975-01-01 },
  { person = "Flexible", birth_on = 1975-01-01 },
  { person = "Enrolled this month", birth_on = 1975-01-01 },
  { person = "Contributor", birth_on = 1975-01-01 },
  { person = "Elsewhere", birth_on = 1975-01-01 },
  { person = "Drawing", birth_on = 1950-01-01 },
  { person = "Student", birth_on = 2006-01-01 },
  { person = "Dead", birth_on = 1975-01-01, status = "dead" },
  { person = "Moved out", birth_on = 1975-01-01 },
]
land_expropriation = [
  { person = "Resident payer", approval_no = "1", arranged_on = 2025-06-01 },
  { person = "Flexible", approval_no = "1", arranged_on = 2025-06-01 },
  { person = "Enrolled this month", approval_no = "1", arranged_on = 2025-06-01 },
  { person = "Contributor", approval_no = "1", arranged_on = 2025-06-01 },
  { person = "Elsewhere", approval_no = "1", arranged_on = 2025-06-01 },
  { person = "Drawing", approval_no = "1", arranged_on = 2025-06-01 },
  { person = "Student", approval_no = "1", arranged_on = 2025-06-01 },
  { person = "Dead", approval_no = "1", arranged_on = 2025-06-01 },
  { person = "Moved out", approval_no = "1", arranged_on = 2025-06-01 },
]
enrollment = [
  { person = "Resident payer", insurance = "resident_pension", starts_on = 2012-01-01 },
  { person = "Flexible", contributor = "flexible", starts_on = 2020-01-01 },
  { person = "Enrolled this month", contributor = "flexible", starts_on = 2026-11-01 },
  { person = "Elsewhere", starts_on = 2020-01-01, region = "370202" },
]
contribution = [{ person = "Contributor", month = 2026-08-01 }]
benefit = [{ person = "Drawing", kind = "resident_pension", starts_on = 2012-01-01 }]
life_event = [
  { person = "Student", kind = "studying", happened_on = 2024-09-01, ends_on = 2028-07-01 },
  { person = "Moved out", kind = "moved_out", happened_on = 2026-01-05 },
]
finds   = []

[[example]]
why     = "a day nobody tells, an enrollment that ended, a person whose age nobody knows: not for the data to decide"
today   = 2026-11-21
person  = [
  { person = "No day", birth_on = 2009-06-01 },
  { person = "Transferred", birth_on = 1975-01-01 },
  { person = "Undated" },
]
land_expropriation = [
  { person = "No day", approval_no = "1", approved_on = 2025-03-01 },
  { person = "Transferred", approval_no = "1", arranged_on = 2025-06-01 },
  { person = "Undated", approval_no = "1", arranged_on = 2025-06-01 },
]
enrollment = [{ person = "Transferred", starts_on = 2010-01-01, ends_on = 2020-01-01, state = "ended" }]
finds   = []
unknown = ["No day", "Transferred", "Undated"]

[[example]]
why     = "without the list of students the young are not judged; a plan of after the enrollments delivered is not either"
today   = 2026-11-21
missing = ["education/student"]
person  = [
  { person = "Twenty", birth_on = 2006-01-01 },
  { person = "Forty", birth_on = 1986-01-01 },
  { person = "Just now", birth_on = 1986-01-01 },
]
land_expropriation = [
  { person = "Twenty", approval_no = "1", arranged_on = 2025-06-01 },
  { person = "Forty", approval_no = "1", arranged_on = 2025-06-01 },
  { person = "Just now", approval_no = "1", arranged_on = 2026-11-10 },
]
finds   = ["Forty"]
unknown = ["Twenty", "Just now"]
*/
select left_over.person_key as subject_key,
       left_over.person_key,
       left_over.area,
       left_over.region,
       case when left_over.doubt is null then 'FOUND' else 'UNKNOWN' end as verdict,
       left_over.doubt as unknown_because,
       left_over.arranged_on,
       (months(:period) - months(left_over.birth_on)) / 12 as age,
       case when :missing = '' then 'confirmed' else 'to_be_checked' end as certainty,
       nullif(:missing, '') as not_delivered,
       left_over.land_expropriation
from (
    select farmer.*,
           case
               when farmer.birth_on is null
                   then 'the birth date is not known'
               when not farmer.of_age
                   then 'the day of the resettlement plan, on which the age counts, is not told'
               when farmer.arranged_on >= :data_until
                   then 'arranged after the last enrollments delivered'
               when months(:period) - months(farmer.birth_on) < :student_age_until * 12
                    and position('education/student' in :missing) > 0
                   then 'perhaps a student: education/student is not to be had'
               when pension.ended
                   then 'an enrollment that ended: perhaps insured elsewhere'
           end as doubt
    from (
        select landless.person_key, landless.arranged_on, landless.land_expropriation, person.region, person.birth_on,
               coalesce(person.area, landless.area) as area,
               landless.latest >= person.birth_on + make_interval(years => :landless_min_age) as of_age,
               landless.undated
        from (
            -- no plan is made before its approval: who is of age by then is so by the day of the plan
            select person_key,
                   min(arranged_on) as arranged_on,
                   max(coalesce(arranged_on, approved_on, date '0001-01-01')) as latest,
                   bool_or(arranged_on is null) as undated,
                   min(area) as area,
                   array_agg(land_expropriation) as land_expropriation
            from land_expropriation
            where arranged_on is null or arranged_on <= :today
            group by person_key
        ) as landless
        join person on person.person_key = landless.person_key
        where person.status in ('normal', 'introduced')
    ) as farmer
    -- the list comes by the quarter: whoever was enrolled since is insured too
    left join (
        select person_key,
               bool_or(starts_on <= :today and ends_on >= :data_until) as insured,
               bool_or(ends_on < :data_until) as ended
        from pension_spell
        group by person_key
    ) as pension on pension.person_key = farmer.person_key
    left join (
        select distinct person_key from pension_month where month >= :period - interval '2 months'
    ) as contributing on contributing.person_key = farmer.person_key
    left join pensioner on pensioner.person_key = farmer.person_key
    left join (
        select distinct person_key from absence where ends_on >= :data_until and lasting
    ) as absent on absent.person_key = farmer.person_key
    where pension.insured is not true
      and contributing.person_key is null
      and pensioner.person_key is null
      and absent.person_key is null
      and (farmer.of_age is not false or farmer.undated)
) as left_over;
