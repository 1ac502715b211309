/*
id         = "P14"
title      = "Resident payer in the top band, to be invited to the employee pension (高档次缴费居民)"
subject    = "person"
severity   = "low"
basis      = ["荣政办发〔2024〕3号 措施7"]
needs      = [
  "human_resources/resident_pension", "human_resources/enrollment", "human_resources/benefit",
  "public_security/population", "public_security/change", "civil_affairs/cremation",
]
misses     = ["human_resources/enrollment", "human_resources/benefit", "public_security/change", "civil_affairs/cremation"]
consults   = [
  "civil_affairs/low_income", "civil_affairs/destitute", "disabled_persons_federation/certificate",
  "agriculture/poverty_relief", "education/student", "justice/sentence", "human_resources/insured_elsewhere",
]
parameters = ["high_band_yuan", "retirement_scheme"]

[explanation]
zh = "按高档次（荣成为每年5000元以上）缴纳城乡居民养老保险、未到法定退休年龄的居民，有能力参加企业职工养老保险。这不是违规，只是动员对象：请通过入户走访、电话沟通等一对一方式宣传政策，引导自愿转换。已参加职工或机关事业养老保险、已领取待遇、困难群体、在校和服刑人员不列入；50至58周岁妇女不作判断。"
en = "Somebody under the retirement age pays the resident pension in a high band and could afford the employee pension. Nothing is wrong: it is an invitation. Visit or call, explain, and let the person choose. Left out are those already in the employee or organ pension, pensioners, persons in hardship, students and prisoners; women of 50 to 58 are not judged."

[[example]]
why     = "from the band itself on; the band below is not found"
today   = 2026-11-21
person  = [
  { person = "At five thousand", birth_on = 1980-01-01 },
  { person = "At eight thousand", birth_on = 1980-01-01, sex = "female" },
  { person = "At four thousand", birth_on = 1980-01-01 },
]
enrollment = [
  { person = "At five thousand", insurance = "resident_pension", starts_on = 2012-01-01, tier_yuan = 5000 },
  { person = "At eight thousand", insurance = "resident_pension", starts_on = 2012-01-01, tier_yuan = 8000 },
  { person = "At four thousand", insurance = "resident_pension", starts_on = 2012-01-01, tier_yuan = 4000 },
]
finds   = ["At five thousand", "At eight thousand"]

[[example]]
why     = "each of these is not to be invited"
today   = 2026-11-21
person  = [
  { person = "Went over", birth_on = 1980-01-01 },
  { person = "Employed", birth_on = 1980-01-01 },
  { person = "Interrupted", birth_on = 1980-01-01 },
  { person = "Drawing", birth_on = 1960-01-01 },
  { person = "Past the age", birth_on = 1965-12-31 },
  { person = "Poor", birth_on = 1980-01-01 },
  { person = "Disabled", birth_on = 1980-01-01 },
  { person = "Student", birth_on = 2005-01-01 },
  { person = "Dead", birth_on = 1980-01-01, status = "dead" },
  { person = "Suspended", birth_on = 1980-01-01 },
]
enrollment = [
  { person = "Went over", insurance = "resident_pension", starts_on = 2012-01-01, ends_on = 2026-01-01, state = "ended", tier_yuan = 5000 },
  { person = "Employed", insurance = "resident_pension", starts_on = 2012-01-01, tier_yuan = 5000 },
  { person = "Employed", employer = "Shop", starts_on = 2020-01-01 },
  { person = "Interrupted", insurance = "resident_pension", starts_on = 2012-01-01, tier_yuan = 5000 },
  { person = "Interrupted", starts_on = 2020-01-01, state = "suspended" },
  { person = "Drawing", insurance = "resident_pension", starts_on = 2012-01-01, tier_yuan = 5000 },
  { person = "Past the age", insurance = "resident_pension", starts_on = 2012-01-01, tier_yuan = 5000 },
  { person = "Poor", insurance = "resident_pension", starts_on = 2012-01-01, tier_yuan = 5000 },
  { person = "Disabled", insurance = "resident_pension", starts_on = 2012-01-01, tier_yuan = 5000 },
  { person = "Student", insurance = "resident_pension", starts_on = 2023-01-01, tier_yuan = 5000 },
  { person = "Dead", insurance = "resident_pension", starts_on = 2012-01-01, tier_yuan = 5000 },
  { person = "Suspended", insurance = "resident_pension", starts_on = 2012-01-01, state = "suspended", tier_yuan = 5000 },
]
benefit = [{ person = "Drawing", kind = "resident_pension", starts_on = 2020-02-01 }]
assistance = [{ person = "Poor", kind = "low_income_margin" }, { person = "Disabled", kind = "disability", level = "2" }]
life_event = [{ person = "Student", kind = "studying", happened_on = 2023-09-01, ends_on = 2027-07-01 }]
finds   = []

[[example]]
why     = "a woman of 52, a stranger to the register: not for the data to decide"
today   = 2026-11-21
person  = [
  { person = "Woman of 52", birth_on = 1974-06-01, sex = "female" },
  { person = "From elsewhere", birth_on = 1980-01-01, status = "introduced" },
]
enrollment = [
  { person = "Woman of 52", insurance = "resident_pension", starts_on = 2012-01-01, tier_yuan = 6000 },
  { person = "From elsewhere", insurance = "resident_pension", starts_on = 2012-01-01, tier_yuan = 6000 },
]
finds   = []
unknown = ["Woman of 52", "From elsewhere"]
*/
select inviting.person_key as subject_key,
       inviting.person_key,
       inviting.area,
       inviting.region,
       case when inviting.doubt is null then 'FOUND' else 'UNKNOWN' end as verdict,
       inviting.doubt as unknown_because,
       inviting.tier_yuan,
       inviting.months_of_age / 12 as age,
       case when :missing = '' then 'confirmed' else 'to_be_checked' end as certainty,
       nullif(:missing, '') as not_delivered,
       inviting.enrollment
from (
    select aged.*,
           case
               when aged.status = 'introduced'
                   then 'not in the population register: perhaps insured elsewhere'
               when aged.months_of_age is null or aged.working_until is null
                   then 'the register gives no birth date or no sex'
               when aged.months_of_age > aged.working_until
                   then 'at this age the statutory retirement age depends on the post'
           end as doubt
    from (
        select payer.person_key, payer.tier_yuan, payer.enrollment, person.area, person.region, person.status,
               months(:period) - months(person.birth_on) as months_of_age,
               scheme.working_until
               + greatest(0, least(scheme.cap,
                                   (months(person.birth_on) - months(scheme.first) + scheme.step) / scheme.step))
               as working_until,
               scheme.undetermined_until
        from (
            select person_key, max(tier_yuan) as tier_yuan, array_agg(enrollment) as enrollment
            from enrollment
            where insurance = 'resident_pension' and state = 'active' and tier_yuan >= :high_band_yuan
              and starts_on < :data_until and ends_on >= :data_until
            group by person_key
        ) as payer
        join person on person.person_key = payer.person_key
        left join jsonb_to_recordset(:retirement_scheme)
            as scheme (sex text, working_until integer, first date, step integer, cap integer, undetermined_until integer)
            on scheme.sex = person.sex
        where person.status in ('normal', 'introduced')
    ) as aged
    left join (
        select distinct person_key
        from pension_spell
        where insurance <> 'resident_pension' and starts_on < :data_until and ends_on >= :data_until
    ) as otherwise on otherwise.person_key = aged.person_key
    left join pensioner on pensioner.person_key = aged.person_key
    left join (
        select distinct person_key from absence where ends_on >= :data_until and lasting
    ) as absent on absent.person_key = aged.person_key
    -- of any kind: nobody in need is urged to pay more
    left join (
        select distinct person_key from hardship where starts_on < :data_until and ends_on >= :data_until
    ) as needy on needy.person_key = aged.person_key
    where otherwise.person_key is null
      and pensioner.person_key is null
      and absent.person_key is null
      and needy.person_key is null
      and (aged.months_of_age is null or aged.working_until is null
           or aged.months_of_age <= greatest(aged.working_until, aged.undetermined_until))
) as inviting;
