/*
id         = "P04"
title      = "Eligible resident past the focus age, in no pension insurance (大龄城乡居民未参保)"
subject    = "person"
severity   = "medium"
basis      = ["盐城市社会保险扩面征缴三年提升行动计划 三(二)2", "国发〔2014〕8号 三", "社会保险法 第二十条"]
needs      = [
  "public_security/population", "public_security/change", "civil_affairs/cremation", "human_resources/enrollment",
  "human_resources/resident_pension", "human_resources/contribution", "human_resources/benefit", "tax/payroll",
]
misses     = [
  "human_resources/enrollment", "human_resources/resident_pension", "human_resources/contribution",
  "human_resources/benefit", "public_security/change", "civil_affairs/cremation",
]
consults   = ["justice/sentence", "human_resources/insured_elsewhere"]
parameters = ["resident_focus_age", "resident_pension_age"]

[explanation]
zh = "本地户籍、状态正常、年满重点参保年龄（盐城为45周岁）而未到60周岁的居民，三项养老保险均无参保记录，也未领取养老待遇，应全员纳入城乡居民养老保险。居民养老与岗位无关，50至58周岁妇女同样列入。近两月有工资收入的由用人单位参保，不列入；曾参保而已终止的可能在外地参保，不作判断。请上门核实后办理参保，并告知距60周岁不足15年的可逐年缴费、补缴。"
en = "A resident registered here, past the focus age and under sixty, is in none of the three pension insurances and draws no pension. Women of 50 to 58 count too: the resident pension does not depend on the post. Who is paid a wage is for the employer to enroll and is left out; an enrollment that ended may go on elsewhere and is not judged. Visit, verify and enroll; who is less than fifteen years short of sixty may pay back."

[[example]]
why     = "from the month of the forty-fifth birthday to the month before the sixtieth, men and women alike"
today   = 2026-11-21
person  = [
  { person = "Forty-four", birth_on = 1981-11-01 },
  { person = "Forty-five", birth_on = 1981-10-31 },
  { person = "Woman of 52", birth_on = 1974-06-01, sex = "female" },
  { person = "Fifty-nine", birth_on = 1966-11-01 },
  { person = "Sixty", birth_on = 1966-10-31 },
]
finds   = ["Forty-five", "Woman of 52", "Fifty-nine"]

[[example]]
why     = "each of these is insured, paid by an employer, or need not be insured here"
today   = 2026-11-21
person  = [
  { person = "Resident payer", birth_on = 1975-01-01 },
  { person = "Suspended", birth_on = 1975-01-01 },
  { person = "Contributor", birth_on = 1975-01-01 },
  { person = "Pensioner", birth_on = 1970-01-01, sex = "female" },
  { person = "Paid a wage", birth_on = 1975-01-01 },
  { person = "Elsewhere", birth_on = 1975-01-01 },
  { person = "Moved out", birth_on = 1975-01-01, status = "moved_out" },
  { person = "Registered elsewhere", birth_on = 1975-01-01, status = "introduced" },
  { person = "Cremated", birth_on = 1975-01-01 },
  { person = "Prisoner", birth_on = 1975-01-01 },
]
enrollment = [
  { person = "Resident payer", insurance = "resident_pension", starts_on = 2012-01-01 },
  { person = "Suspended", starts_on = 2012-01-01, state = "suspended" },
  { person = "Elsewhere", starts_on = 2012-01-01, region = "370202" },
]
contribution = [{ person = "Contributor", month = 2026-08-01 }]
benefit = [{ person = "Pensioner", starts_on = 2020-01-01 }]
payroll = [{ person = "Paid a wage", employer = "Shop", month = 2026-09-01, yuan = 4000 }]
life_event = [
  { person = "Cremated", kind = "cremation", happened_on = 2026-10-02 },
  { person = "Prisoner", kind = "imprisoned", happened_on = 2024-01-01, ends_on = 2029-01-01 },
]
finds   = []

[[example]]
why     = "an enrollment that ended, a birth date nobody knows: not for the data to decide"
today   = 2026-11-21
person  = [{ person = "Transferred", birth_on = 1975-01-01 }, { person = "Undated" }]
enrollment = [{ person = "Transferred", starts_on = 2010-01-01, ends_on = 2020-01-01, state = "ended" }]
finds   = []
unknown = ["Transferred", "Undated"]
*/
select person.person_key as subject_key,
       person.person_key,
       person.area,
       person.region,
       case when left_over.doubt is null then 'FOUND' else 'UNKNOWN' end as verdict,
       left_over.doubt as unknown_because,
       left_over.months_of_age / 12 as age,
       case when :missing = '' then 'confirmed' else 'to_be_checked' end as certainty,
       nullif(:missing, '') as not_delivered,
       person
from person
join (
    select aged.person_key,
           aged.months_of_age,
           case
               when aged.months_of_age is null then 'the register gives no birth date'
               when pension.ended then 'an enrollment that ended: perhaps insured elsewhere'
           end as doubt
    from (
        select person_key, months(:period) - months(birth_on) as months_of_age
        from person
        where status = 'normal'
          and (birth_on is null
               or (birth_on < :period + interval '1 month' - make_interval(years => :resident_focus_age)
                   and birth_on >= :period + interval '1 month' - make_interval(years => :resident_pension_age)))
    ) as aged
    left join (
        select person_key,
               bool_or(starts_on < :data_until and ends_on >= :data_until) as insured,
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
    -- the resident pension is for whom no employer has to enroll
    left join (
        select distinct person_key from wage where month >= :period - interval '1 month'
    ) as employed on employed.person_key = aged.person_key
    where pension.insured is not true
      and contributing.person_key is null
      and pensioner.person_key is null
      and absent.person_key is null
      and employed.person_key is null
) as left_over on left_over.person_key = person.person_key;
