/*
id         = "P07"
title      = "In hardship and registered, premium not paid on behalf (困难群体未代缴保费)"
subject    = "person"
severity   = "high"
basis      = [
  "荣政办发〔2024〕3号 措施1", "盐城市社会保险扩面征缴三年提升行动计划 三(二)3", "乌海政发〔2020〕17号 四(一)4、五(二)4",
  "山东省全面实施全民参保计划工作方案(2018) 二(一)3", "国发〔2014〕8号 四",
]
needs      = [
  "civil_affairs/low_income", "civil_affairs/destitute", "disabled_persons_federation/certificate",
  "agriculture/poverty_relief", "finance/premium_subsidy", "public_security/population", "public_security/change",
  "civil_affairs/cremation", "human_resources/enrollment", "human_resources/resident_pension", "human_resources/benefit",
]
misses     = [
  "finance/premium_subsidy", "human_resources/enrollment", "human_resources/benefit", "public_security/change",
  "civil_affairs/cremation",
]
consults   = ["education/student", "justice/sentence", "human_resources/insured_elsewhere"]
parameters = ["hardship_kinds", "proxy_payment_month", "proxy_tier_yuan", "resident_pension_age"]

[everybody]
premiums_told = """
select count(*) from premium_subsidy where insurance = 'resident_pension' and year_on = date_trunc('year', :period)
"""

[explanation]
zh = "本地规定的代缴对象，已参加城乡居民养老保险、未满60周岁、未参加其他养老保险，当年代缴应完成的月份已过，财政代缴清单中没有当年最低档次的足额代缴记录，居民养老数据也未标注政府代缴。当年尚未到期、到期后才认定或才参保、暂停参保、当年代缴清单尚未提供的，不作判断。请核对身份后补办代缴；有多重身份的只代缴一次。"
en = "A person for whom the region pays the premium is registered in the resident pension, under sixty and in no other pension; the month by which the year's premiums are to be paid is over, the finance department's list has no payment of the lowest band for the year, and the enrollment does not say that it was paid on behalf. Before that month is over, where hardship or enrollment began after it, where the enrollment is suspended or no payment of the year was delivered, nothing is judged. Verify and pay, once, whatever the number of kinds."

[[example]]
why     = "of five on low income one was not paid for, one in part only; the list, the enrollment, or both tell of the others"
today   = 2026-11-21
person  = [
  { person = "Forgotten", birth_on = 1980-01-01 },
  { person = "In part", birth_on = 1980-01-01 },
  { person = "By both", birth_on = 1980-01-01 },
  { person = "By the list", birth_on = 1980-01-01 },
  { person = "By the enrollment", birth_on = 1980-01-01 },
]
assistance = [
  { person = "Forgotten" }, { person = "In part", kind = "disability", level = "1" }, { person = "By both" },
  { person = "By the list", kind = "destitute" }, { person = "By the enrollment" },
]
enrollment = [
  { person = "Forgotten", insurance = "resident_pension", starts_on = 2015-01-01, paid_on_behalf = false },
  { person = "In part", insurance = "resident_pension", starts_on = 2015-01-01 },
  { person = "By both", insurance = "resident_pension", starts_on = 2015-01-01, paid_on_behalf = true },
  { person = "By the list", insurance = "resident_pension", starts_on = 2015-01-01, paid_on_behalf = false },
  { person = "By the enrollment", insurance = "resident_pension", starts_on = 2015-01-01, paid_on_behalf = true },
]
premium_subsidy = [
  { person = "By both", insurance = "resident_pension", year_on = 2026-01-01, kind = "low_income", yuan = 100 },
  { person = "By the list", insurance = "resident_pension", year_on = 2026-01-01, kind = "destitute", yuan = 100 },
  { person = "In part", insurance = "resident_pension", year_on = 2026-01-01, kind = "disability", yuan = 50 },
  { person = "Forgotten", insurance = "resident_pension", year_on = 2025-01-01, kind = "low_income", yuan = 100 },
  { person = "Forgotten", insurance = "resident_medical", year_on = 2026-01-01, kind = "low_income", yuan = 400 },
]
finds   = ["Forgotten", "In part"]

[[example]]
why     = "for each of these the government has no premium to pay"
today   = 2026-11-21
person  = [
  { person = "Paid for", birth_on = 1980-01-01 },
  { person = "Past sixty", birth_on = 1966-10-31 },
  { person = "Drawing", birth_on = 1970-01-01, sex = "female" },
  { person = "Not registered", birth_on = 1980-01-01 },
  { person = "Employed", birth_on = 1980-01-01 },
  { person = "Left", birth_on = 1980-01-01 },
  { person = "Slightly disabled", birth_on = 1980-01-01 },
  { person = "No longer poor", birth_on = 1980-01-01 },
  { person = "Dead", birth_on = 1980-01-01, status = "dead" },
  { person = "Prisoner", birth_on = 1980-01-01 },
]
assistance = [
  { person = "Past sixty" }, { person = "Drawing" }, { person = "Not registered" }, { person = "Employed" },
  { person = "Left" }, { person = "Slightly disabled", kind = "disability", level = "3" },
  { person = "No longer poor", ends_on = 2026-06-01 }, { person = "Dead" }, { person = "Prisoner" },
]
enrollment = [
  { person = "Past sixty", insurance = "resident_pension", starts_on = 2015-01-01 },
  { person = "Drawing", insurance = "resident_pension", starts_on = 2015-01-01 },
  { person = "Employed", insurance = "resident_pension", starts_on = 2015-01-01 },
  { person = "Employed", employer = "Shop", starts_on = 2026-01-01 },
  { person = "Left", insurance = "resident_pension", starts_on = 2015-01-01, ends_on = 2026-03-01, state = "ended" },
  { person = "Slightly disabled", insurance = "resident_pension", starts_on = 2015-01-01 },
  { person = "No longer poor", insurance = "resident_pension", starts_on = 2015-01-01 },
  { person = "Dead", insurance = "resident_pension", starts_on = 2015-01-01 },
  { person = "Prisoner", insurance = "resident_pension", starts_on = 2015-01-01 },
]
benefit = [{ person = "Drawing", starts_on = 2020-01-01 }]
life_event = [{ person = "Prisoner", kind = "imprisoned", happened_on = 2024-01-01, ends_on = 2029-01-01 }]
premium_subsidy = [
  { person = "Paid for", insurance = "resident_pension", year_on = 2026-01-01, kind = "low_income", yuan = 100 },
]
finds   = []

[[example]]
why     = "suspended, or in hardship or registered only after the year's payments: perhaps with the next list"
today   = 2026-11-21
person  = [
  { person = "Paid for", birth_on = 1980-01-01 },
  { person = "Suspended", birth_on = 1980-01-01 },
  { person = "Newly poor", birth_on = 1980-01-01 },
  { person = "Newly registered", birth_on = 1980-01-01 },
]
assistance = [
  { person = "Suspended" }, { person = "Newly poor", starts_on = 2026-10-01 }, { person = "Newly registered" },
]
enrollment = [
  { person = "Suspended", insurance = "resident_pension", starts_on = 2015-01-01, state = "suspended" },
  { person = "Newly poor", insurance = "resident_pension", starts_on = 2015-01-01 },
  { person = "Newly registered", insurance = "resident_pension", starts_on = 2026-10-01 },
]
premium_subsidy = [
  { person = "Paid for", insurance = "resident_pension", year_on = 2026-01-01, kind = "low_income", yuan = 100 },
]
finds   = []
unknown = ["Suspended", "Newly poor", "Newly registered"]

[[example]]
why     = "a year whose month of payment is not over"
today   = 2026-09-21
person  = [{ person = "Paid for", birth_on = 1980-01-01 }, { person = "Not yet", birth_on = 1980-01-01 }]
assistance = [{ person = "Not yet" }]
enrollment = [{ person = "Not yet", insurance = "resident_pension", starts_on = 2015-01-01 }]
premium_subsidy = [
  { person = "Paid for", insurance = "resident_pension", year_on = 2026-01-01, kind = "low_income", yuan = 100 },
]
finds   = []
unknown = ["Not yet"]

[[example]]
why     = "a year of which no payment was delivered: the list is missing, not the payments"
today   = 2026-11-21
person  = [{ person = "Nobody knows", birth_on = 1980-01-01 }]
assistance = [{ person = "Nobody knows" }]
enrollment = [{ person = "Nobody knows", insurance = "resident_pension", starts_on = 2015-01-01 }]
premium_subsidy = [
  { person = "Nobody knows", insurance = "resident_pension", year_on = 2025-01-01, kind = "low_income", yuan = 100 },
]
finds   = []
unknown = ["Nobody knows"]
*/
select unpaid.person_key as subject_key,
       unpaid.person_key,
       unpaid.area,
       unpaid.region,
       case when unpaid.doubt is null then 'FOUND' else 'UNKNOWN' end as verdict,
       unpaid.doubt as unknown_because,
       unpaid.kinds as assistance_kinds,
       extract(year from :period)::integer as year,
       unpaid.paid_yuan,
       :proxy_tier_yuan as due_yuan,
       case when :missing = '' then 'confirmed' else 'to_be_checked' end as certainty,
       nullif(:missing, '') as not_delivered,
       unpaid.assistance,
       unpaid.enrollment,
       unpaid.premium_subsidy
from (
    select helped.person_key, helped.kinds, helped.assistance, person.region,
           coalesce(person.area, helped.area) as area,
           registered.enrollment,
           coalesce(paid.yuan, 0) as paid_yuan,
           paid.premium_subsidy,
           case
               when person.birth_on is null
                   then 'the birth date is not known'
               when not registered.active
                   then 'the enrollment is suspended: perhaps insured in another way'
               when :data_until < due.on_day
                   then 'the month by which the year''s premiums are paid is not over'
               when greatest(helped.since, registered.since) >= due.on_day
                   then 'in hardship or registered only since the year''s premiums were paid'
               when :premiums_told = 0
                   then 'no premium of this year is told: its list is not delivered'
           end as doubt
    from (
        select hardship.person_key,
               string_agg(distinct hardship.kind, ', ') as kinds,
               min(hardship.area) as area,
               min(hardship.starts_on) as since,
               array_agg(hardship.assistance) as assistance
        from hardship
        join (
            select jsonb_array_elements_text(:hardship_kinds) as kind
        ) as paid_for on paid_for.kind = hardship.kind
        where hardship.starts_on < :data_until and hardship.ends_on >= :data_until
        group by hardship.person_key
    ) as helped
    join person on person.person_key = helped.person_key
    join (
        select person_key, min(starts_on) as since, bool_or(state = 'active') as active,
               coalesce(bool_or(paid_on_behalf), false) as paid_on_behalf, array_agg(enrollment) as enrollment
        from enrollment
        where insurance = 'resident_pension' and state in ('active', 'suspended')
          and starts_on < :data_until and ends_on >= :data_until
        group by person_key
    ) as registered on registered.person_key = helped.person_key
    -- the first day after the month by whose end the premiums of the period's year are paid
    join (
        select (date_trunc('year', :period) + make_interval(months => :proxy_payment_month))::date as on_day
    ) as due on true
    left join (
        select person_key, sum(yuan) as yuan, array_agg(premium_subsidy) as premium_subsidy
        from premium_subsidy
        where insurance = 'resident_pension' and year_on = date_trunc('year', :period)
        group by person_key
    ) as paid on paid.person_key = helped.person_key
    left join (
        select distinct person_key
        from pension_spell
        where insurance <> 'resident_pension' and state <> 'ended' and starts_on < :data_until and ends_on >= :data_until
    ) as otherwise on otherwise.person_key = helped.person_key
    left join pensioner on pensioner.person_key = helped.person_key
    left join (
        select distinct person_key from absence where ends_on >= :data_until and lasting
    ) as absent on absent.person_key = helped.person_key
    where person.status in ('normal', 'introduced')
      and (person.birth_on is null
           or months(:period) - months(person.birth_on) < :resident_pension_age * 12)
      and not registered.paid_on_behalf
      and coalesce(paid.yuan, 0) < :proxy_tier_yuan
      and otherwise.person_key is null
      and pensioner.person_key is null
      and absent.person_key is null
) as unpaid;
