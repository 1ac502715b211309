/*
id         = "P13"
title      = "High earner in no employee pension (高收入群体未参加职工养老保险)"
subject    = "person"
severity   = "medium"
basis      = ["荣政办发〔2024〕3号 措施7", "社会保险法 第十条"]
needs      = [
  "market_supervision/registration", "market_supervision/cancellation", "justice/lawyer", "public_security/population",
  "public_security/change", "civil_affairs/cremation", "human_resources/enrollment", "human_resources/resident_pension",
  "human_resources/contribution", "human_resources/benefit",
]
misses     = [
  "human_resources/enrollment", "human_resources/contribution", "human_resources/benefit", "public_security/change",
  "civil_affairs/cremation", "market_supervision/cancellation",
]
consults   = ["education/student", "justice/sentence", "human_resources/insured_elsewhere"]
parameters = ["retirement_scheme"]

[explanation]
zh = "正常经营企业的法定代表人、个体工商户经营者、执业律师，未到法定退休年龄，没有参加企业职工或机关事业单位养老保险：或只参加城乡居民养老保险，或没有参加任何养老保险。已注销、吊销单位的不列入；50至58周岁妇女的退休年龄随岗位而定、户籍不在本地的可能在外地参保，均不作判断。法定代表人在企业任职的应随单位参保，个体工商户经营者和律师可按规定以单位职工或灵活就业方式参保；请宣传政策，引导参保或由居民养老转入职工养老。"
en = "The legal representative of an operating enterprise, the owner of an individual business, or a practicing lawyer is under the retirement age and in neither the employee nor the organ pension: only in the resident pension, or in none. Closed employers are left out; women of 50 to 58, and who is not registered here and may be insured elsewhere, are not judged. Who works in the own enterprise is to be enrolled there; owners and lawyers may join as employees or flexible workers. Explain, and guide them in, or over from the resident pension."

[[example]]
why     = "a legal representative insured nowhere, an owner and a lawyer in the resident pension; two offices are one finding"
today   = 2026-11-21
person  = [
  { person = "Director", birth_on = 1980-01-01 },
  { person = "Shopkeeper", birth_on = 1980-01-01 },
  { person = "Lawyer", birth_on = 1980-01-01 },
  { person = "Employee", birth_on = 1980-01-01 },
]
employer = [
  { employer = "Mill", legal_representative = "Director" },
  { employer = "Shop", kind = "individual_business", legal_representative = "Shopkeeper" },
  { employer = "Second shop", kind = "individual_business", legal_representative = "Shopkeeper" },
]
employment = [
  { person = "Lawyer", employer = "Firm", kind = "lawyer", starts_on = 2012-07-01, state = "active" },
  { person = "Employee", employer = "Mill", kind = "labor_contract", starts_on = 2012-07-01, state = "active" },
]
enrollment = [
  { person = "Shopkeeper", insurance = "resident_pension", starts_on = 2012-01-01 },
  { person = "Lawyer", insurance = "resident_pension", starts_on = 2012-01-01 },
]
finds   = ["Director", "Shopkeeper", "Lawyer"]

[[example]]
why     = "insured in any of these ways, past the age, or no longer in business"
today   = 2026-11-21
person  = [
  { person = "Insured by another", birth_on = 1980-01-01 },
  { person = "Flexible", birth_on = 1980-01-01 },
  { person = "Interrupted", birth_on = 1980-01-01 },
  { person = "Elsewhere", birth_on = 1980-01-01 },
  { person = "Contributor", birth_on = 1980-01-01 },
  { person = "Pensioner", birth_on = 1960-01-01 },
  { person = "Past the age", birth_on = 1965-12-31 },
  { person = "Woman of 59", birth_on = 1967-08-01, sex = "female" },
  { person = "Closed", birth_on = 1980-01-01 },
  { person = "Closing", birth_on = 1980-01-01 },
  { person = "Chairman of a club", birth_on = 1980-01-01 },
  { person = "Stopped", birth_on = 1980-01-01 },
  { person = "Moved out", birth_on = 1980-01-01, status = "moved_out" },
  { person = "Prisoner", birth_on = 1980-01-01 },
]
employer = [
  { employer = "1", legal_representative = "Insured by another" },
  { employer = "2", legal_representative = "Flexible" },
  { employer = "3", legal_representative = "Interrupted" },
  { employer = "4", legal_representative = "Elsewhere" },
  { employer = "5", legal_representative = "Contributor" },
  { employer = "6", legal_representative = "Pensioner" },
  { employer = "7", legal_representative = "Past the age" },
  { employer = "8", legal_representative = "Woman of 59" },
  { employer = "9", legal_representative = "Closed", status = "revoked" },
  { employer = "10", legal_representative = "Closing" },
  { employer = "11", legal_representative = "Chairman of a club", kind = "social_organization" },
  { employer = "12", legal_representative = "Moved out" },
  { employer = "13", legal_representative = "Prisoner" },
]
employer_closure = [{ employer = "10", closed_on = 2026-11-02 }]
enrollment = [
  { person = "Insured by another", employer = "Works", starts_on = 2015-01-01 },
  { person = "Flexible", contributor = "flexible", starts_on = 2026-11-01 },
  { person = "Interrupted", contributor = "flexible", starts_on = 2015-01-01, state = "suspended" },
  { person = "Elsewhere", starts_on = 2015-01-01, region = "370202" },
]
contribution = [{ person = "Contributor", month = 2026-09-01 }]
benefit = [{ person = "Pensioner", starts_on = 2020-02-01 }]
employment = [
  { person = "Stopped", employer = "Firm", kind = "lawyer", starts_on = 2012-07-01, ends_on = 2026-03-01, state = "ended" },
]
life_event = [{ person = "Prisoner", kind = "imprisoned", happened_on = 2024-01-01, ends_on = 2029-01-01 }]
finds   = []

[[example]]
why     = "men of the first months of the reform: of working age through the month in which the age is reached"
today   = 2025-03-21
person  = [{ person = "Of January 1965", birth_on = 1965-01-31 }, { person = "Of December 1964", birth_on = 1964-12-01 }]
employer = [
  { employer = "Mill", legal_representative = "Of January 1965" },
  { employer = "Shop", legal_representative = "Of December 1964" },
]
finds   = ["Of January 1965"]

[[example]]
why     = "a woman of 52, a stranger, an enrollment that ended in nothing: not for the data to decide; one that ended in the resident pension is"
today   = 2026-11-21
person  = [
  { person = "Woman of 52", birth_on = 1974-06-01, sex = "female" },
  { person = "From elsewhere", birth_on = 1980-01-01, status = "introduced" },
  { person = "Left", birth_on = 1980-01-01 },
  { person = "Went over", birth_on = 1980-01-01 },
]
employer = [
  { employer = "1", legal_representative = "Woman of 52" },
  { employer = "2", legal_representative = "From elsewhere" },
  { employer = "3", legal_representative = "Nobody knows" },
  { employer = "4", legal_representative = "Left" },
  { employer = "5", legal_representative = "Went over" },
]
enrollment = [
  { person = "Left", starts_on = 2010-01-01, ends_on = 2020-01-01, state = "ended" },
  { person = "Went over", starts_on = 2010-01-01, ends_on = 2020-01-01, state = "ended" },
  { person = "Went over", insurance = "resident_pension", starts_on = 2020-01-01 },
]
finds   = ["Went over"]
unknown = ["Woman of 52", "From elsewhere", "Nobody knows", "Left"]
*/
select left_over.person_key as subject_key,
       left_over.person_key,
       left_over.area,
       left_over.region,
       case when left_over.doubt is null then 'FOUND' else 'UNKNOWN' end as verdict,
       left_over.doubt as unknown_because,
       left_over.occupations,
       case when left_over.resident then 'resident_pension' else 'none' end as insured_in,
       left_over.months_of_age / 12 as age,
       case when :missing = '' then 'confirmed' else 'to_be_checked' end as certainty,
       nullif(:missing, '') as not_delivered,
       array_agg(distinct employer) filter (where employer.employer_key is not null) as employer,
       array_agg(distinct employment) filter (where employment.person_key is not null) as employment
from (
    select aged.person_key, aged.occupations, aged.area, aged.region, aged.months_of_age,
           coalesce(pension.resident, false) as resident,
           case
               when aged.status is distinct from 'normal'
                   then 'not in the population register: perhaps insured elsewhere'
               when aged.months_of_age is null or aged.working_until is null
                   then 'the register gives no birth date or no sex'
               when aged.months_of_age > aged.working_until
                   then 'at this age the statutory retirement age depends on the post'
               when pension.ended and not pension.resident
                   then 'an enrollment that ended: perhaps insured elsewhere'
           end as doubt
    from (
        select earning.person_key, earning.occupations, person.area, person.region, person.status,
               months(:period) - months(person.birth_on) as months_of_age,
               scheme.working_until
               + greatest(0, least(scheme.cap,
                                   (months(person.birth_on) - months(scheme.first) + scheme.step) / scheme.step))
               as working_until,
               scheme.undetermined_until
        from (
            select person_key, string_agg(distinct occupation, ', ') as occupations
            from (
                select legal_representative_key as person_key,
                       case kind when 'enterprise' then 'legal_representative' else 'business_owner' end as occupation
                from open_employer
                where status = 'operating' and closes_on > :today
                  and kind in ('enterprise', 'individual_business')
                  and legal_representative_key is not null
                union all
                select person_key, 'lawyer'
                from employment
                where kind = 'lawyer' and coalesce(state, 'active') = 'active' and ends_on >= :data_until
            ) as told
            group by person_key
        ) as earning
        left join person on person.person_key = earning.person_key
        left join jsonb_to_recordset(:retirement_scheme)
            as scheme (sex text, working_until integer, first date, step integer, cap integer, undetermined_until integer)
            on scheme.sex = person.sex
        where coalesce(person.status, 'introduced') in ('normal', 'introduced')
    ) as aged
    -- lists of lawyers come by the quarter: whoever was enrolled since is insured too
    left join (
        select person_key,
               bool_or(insurance <> 'resident_pension' and starts_on <= :today and ends_on >= :data_until) as employed,
               bool_or(insurance = 'resident_pension' and starts_on <= :today and ends_on >= :data_until) as resident,
               bool_or(ends_on < :data_until) as ended
        from pension_spell
        group by person_key
    ) as pension on pension.person_key = aged.person_key
    left join (
        select distinct person_key from pension_month where month >= :period - interval '2 months'
    ) as contributing on contributing.person_key = aged.person_key
    left join pensioner on pensioner.person_key = aged.person_key
    left join (
        select distinct person_key from absence where ends_on >= :data_until and lasting
    ) as absent on absent.person_key = aged.person_key
    where pension.employed is not true
      and contributing.person_key is null
      and pensioner.person_key is null
      and absent.person_key is null
      and (aged.months_of_age is null or aged.working_until is null
           or aged.months_of_age <= greatest(aged.working_until, aged.undetermined_until))
) as left_over
left join employer
    on employer.legal_representative_key = left_over.person_key and employer.status = 'operating'
   and employer.kind in ('enterprise', 'individual_business')
left join employment on employment.person_key = left_over.person_key and employment.kind = 'lawyer'
group by left_over.person_key, left_over.area, left_over.region, left_over.doubt, left_over.occupations,
         left_over.resident, left_over.months_of_age;
