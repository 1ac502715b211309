/*
id         = "P02"
title      = "Employee pension interrupted (中断缴费)"
subject    = "person"
severity   = "medium"
basis      = ["荣政办发〔2024〕3号 措施3", "乌海政发〔2020〕17号 四(五)2"]
needs      = [
  "public_security/population", "public_security/change", "civil_affairs/cremation", "human_resources/enrollment",
  "human_resources/resident_pension", "human_resources/contribution", "human_resources/benefit",
]
misses     = [
  "human_resources/contribution", "human_resources/benefit",
  "public_security/change", "civil_affairs/cremation",
]
consults   = ["education/student", "justice/sentence", "human_resources/insured_elsewhere"]
parameters = ["collection_lag_months", "interruption_months", "working_age_from", "working_age_until", "retirement_scheme"]

[[months]]
delivery = "human_resources/contribution"
first    = ":period - make_interval(months => :collection_lag_months + :interruption_months - 1)"
last     = ":period - make_interval(months => :collection_lag_months)"

[explanation]
zh = "曾缴纳企业职工基本养老保险，截至征缴数据成熟月份，按“对应费款所属期”计算，在所有单位（含灵活就业）连续中断缴费达到规定月数。已排除死亡、退休、服刑、在校、入伍、迁出、转入居民或机关养老、领取失业金等情形。请提醒续保；在校、服刑、异地参保数据未到位的，先核实。"
en = "No employee pension contribution for so many corresponding months in a row, at any employer or as a flexible worker, up to the last month whose contributions are complete. Remind the person; verify first where the finding is 'to be checked'."

[[example]]
why     = "paid for March, nothing from April to September: six months"
today   = 2026-11-21
person  = [{ person = "Lapsed", birth_on = 1985-01-01 }, { person = "Five months", birth_on = 1985-01-01 }]
contribution = [
  { person = "Lapsed", employer = "Shop", month = 2026-03-01 },
  { person = "Five months", employer = "Shop", month = 2026-04-01 },
]
finds   = ["Lapsed"]

[[example]]
why     = "another employer, a back payment for the month itself, and October's late contribution all end a lapse"
today   = 2026-11-21
person  = [
  { person = "Moved on", birth_on = 1985-01-01 },
  { person = "Paid back", birth_on = 1985-01-01 },
  { person = "Back at work", birth_on = 1985-01-01 },
]
contribution = [
  { person = "Moved on", employer = "Shop", month = 2026-03-01 },
  { person = "Moved on", employer = "Mill", month = 2026-06-01 },
  { person = "Paid back", employer = "Shop", month = 2026-03-01 },
  { person = "Paid back", employer = "Shop", month = 2026-07-01, kind = "back_payment", settled_on = 2026-10-01 },
  { person = "Back at work", employer = "Shop", month = 2026-01-01 },
  { person = "Back at work", employer = "Shop", month = 2026-10-01 },
]
finds   = []

[[example]]
why     = "a back payment settled now for a month long ago does not end the lapse"
today   = 2026-11-21
person  = [{ person = "Lapsed", birth_on = 1985-01-01 }]
contribution = [
  { person = "Lapsed", employer = "Shop", month = 2025-03-01, kind = "back_payment", settled_on = 2026-09-01 },
]
finds   = ["Lapsed"]

[[example]]
why     = "a refund is no contribution"
today   = 2026-11-21
person  = [{ person = "Refunded", birth_on = 1985-01-01 }]
contribution = [
  { person = "Refunded", employer = "Shop", month = 2026-02-01 },
  { person = "Refunded", employer = "Shop", month = 2026-08-01, kind = "refund" },
]
finds   = ["Refunded"]

[[example]]
why     = "a spell without any contribution in all the months delivered"
today   = 2026-11-21
person  = [{ person = "Suspended", birth_on = 1985-01-01 }, { person = "Just joined", birth_on = 1985-01-01 }]
enrollment = [
  { person = "Suspended", employer = "Shop", starts_on = 2010-01-01, state = "suspended" },
  { person = "Just joined", employer = "Shop", starts_on = 2026-05-01 },
]
finds   = ["Suspended"]

[[example]]
why     = "each exclusion by itself"
today   = 2026-11-21
person  = [
  { person = "Died", birth_on = 1985-01-01, status = "dead" },
  { person = "Cremated", birth_on = 1985-01-01 },
  { person = "Soldier", birth_on = 2000-01-01 },
  { person = "Prisoner", birth_on = 1985-01-01 },
  { person = "Pensioner", birth_on = 1970-01-01 },
  { person = "Past sixty", birth_on = 1966-01-01 },
  { person = "Now a teacher", birth_on = 1985-01-01 },
  { person = "Now a resident", birth_on = 1985-01-01 },
  { person = "Unemployed", birth_on = 1985-01-01 },
]
life_event = [
  { person = "Cremated", kind = "cremation", happened_on = 2026-04-02 },
  { person = "Soldier", kind = "enlisted", happened_on = 2026-03-15 },
  { person = "Prisoner", kind = "imprisoned", happened_on = 2026-03-15, ends_on = 2030-01-01 },
]
benefit = [
  { person = "Pensioner", starts_on = 2026-04-01 },
  { person = "Unemployed", kind = "unemployment", starts_on = 2026-04-01, ends_on = 2026-08-01, state = "ended" },
]
enrollment = [
  { person = "Now a teacher", insurance = "organ_pension", employer = "School", starts_on = 2026-04-01 },
  { person = "Now a resident", insurance = "resident_pension", starts_on = 2026-04-01 },
]
contribution = [
  { person = "Died", employer = "Shop", month = 2026-02-01 },
  { person = "Cremated", employer = "Shop", month = 2026-02-01 },
  { person = "Soldier", employer = "Shop", month = 2026-02-01 },
  { person = "Prisoner", employer = "Shop", month = 2026-02-01 },
  { person = "Pensioner", employer = "Shop", month = 2026-02-01 },
  { person = "Past sixty", employer = "Shop", month = 2026-02-01 },
  { person = "Now a teacher", employer = "Shop", month = 2026-02-01 },
  { person = "Now a resident", employer = "Shop", month = 2026-02-01 },
  { person = "Unemployed", employer = "Shop", month = 2026-02-01 },
]
finds   = []

[[example]]
why     = "insured in another place is no lapse here; a spell there that is suspended is that place's to judge"
today   = 2026-11-21
person  = [
  { person = "Moved to work", birth_on = 1985-01-01 },
  { person = "Never here", birth_on = 1985-01-01 },
  { person = "Suspended there", birth_on = 1985-01-01 },
  { person = "Back home", birth_on = 1985-01-01 },
]
enrollment = [
  { person = "Moved to work", starts_on = 2026-03-01, region = "370202" },
  { person = "Never here", starts_on = 2015-01-01, region = "370202" },
  { person = "Suspended there", starts_on = 2015-01-01, state = "suspended", region = "370202" },
  { person = "Back home", starts_on = 2015-01-01, ends_on = 2020-01-01, state = "ended", region = "370202" },
]
contribution = [
  { person = "Moved to work", employer = "Shop", month = 2026-02-01 },
  { person = "Back home", employer = "Shop", month = 2026-02-01 },
]
finds   = ["Back home"]

[[example]]
why     = "assessed but not arrived, a woman of 52, a person the police do not know here: not for the data to decide"
today   = 2026-11-21
person  = [
  { person = "In arrears", birth_on = 1985-01-01 },
  { person = "Woman of 52", birth_on = 1974-06-01, sex = "female" },
  { person = "From elsewhere", birth_on = 1985-01-01, status = "introduced" },
]
contribution = [
  { person = "In arrears", employer = "Shop", month = 2026-02-01 },
  { person = "In arrears", employer = "Shop", month = 2026-08-01, paid = false },
  { person = "Woman of 52", employer = "Shop", month = 2026-02-01 },
  { person = "From elsewhere", employer = "Shop", month = 2026-02-01 },
]
finds   = []
unknown = ["In arrears", "Woman of 52", "From elsewhere"]
*/
select lapsed.person_key as subject_key,
       lapsed.person_key,
       lapsed.area,
       lapsed.region,
       case when lapsed.doubt is null then 'FOUND' else 'UNKNOWN' end as verdict,
       lapsed.doubt as unknown_because,
       lapsed.last_paid as last_month_paid,
       lapsed.months_of_age / 12 as age,
       case when :missing = '' then 'confirmed' else 'to_be_checked' end as certainty,
       nullif(:missing, '') as not_delivered,
       -- the last contributions there are, and the spells
       array_agg(distinct contribution) filter (where contribution.person_key is not null) as contribution,
       array_agg(distinct enrollment) filter (where enrollment.person_key is not null) as enrollment
from (
    select aged.*,
           case
               when aged.months_of_age is null or aged.working_until is null
                   then 'the register gives no birth date or no sex'
               when aged.months_of_age > aged.working_until
                   then 'at this age the statutory retirement age depends on the post'
               when aged.status = 'introduced'
                   then 'not in the population register: perhaps insured elsewhere'
               when aged.last_assessed > aged.mature - make_interval(months => :interruption_months)
                   then 'contributions were assessed and did not arrive: the employer''s arrears'
           end as doubt
    from (
        select person.person_key, person.area, person.region, person.status,
               months(:period) - months(person.birth_on) as months_of_age,
               scheme.working_until
               + greatest(0, least(scheme.cap,
                                   (months(person.birth_on) - months(scheme.first) + scheme.step) / scheme.step))
               as working_until,
               scheme.undetermined_until,
               paying.last_paid, paying.last_assessed, paying.mature
        from (
            select person_key, max(last_paid) as last_paid, max(last_assessed) as last_assessed,
                   (:period - make_interval(months => :collection_lag_months))::date as mature
            from (
                select person_key,
                       max(month) filter (where paid) as last_paid,
                       max(month) filter (where not paid) as last_assessed
                from pension_month
                group by person_key
                union all
                select person_key, null, null
                from pension_spell
                where insurance = 'employee_pension' and state in ('active', 'suspended') and ends_on >= :data_until
                  and coalesce(region, :region) = :region
                  and starts_on <= :period - make_interval(months => :collection_lag_months + :interruption_months - 1)
            ) as either
            group by person_key
        ) as paying
        join person on person.person_key = paying.person_key
        left join jsonb_to_recordset(:retirement_scheme)
            as scheme (sex text, working_until integer, first date, step integer, cap integer, undetermined_until integer)
            on scheme.sex = person.sex
        where person.status in ('normal', 'introduced')
          -- of working age by the month, whose days the planner knows
          and (person.birth_on is null
               or (person.birth_on < :period + interval '1 month' - make_interval(years => :working_age_from)
                   and person.birth_on >= :period + interval '1 month' - make_interval(years => :working_age_until)))
          and (paying.last_paid is null
               or paying.last_paid <= paying.mature - make_interval(months => :interruption_months))
    ) as aged
    -- insured in another way now, or in another place
    left join (
        select distinct person_key
        from pension_spell
        where (insurance <> 'employee_pension' or region <> :region)
          and state = 'active'
          and starts_on < :data_until and ends_on >= :data_until
    ) as otherwise on otherwise.person_key = aged.person_key
    left join pensioner on pensioner.person_key = aged.person_key
    left join retiree on retiree.person_key = aged.person_key
    -- drawing unemployment benefit in any of the months counted
    left join (
        select distinct person_key
        from benefit
        where kind = 'unemployment'
          and starts_on <= :period - make_interval(months => :collection_lag_months)
          and ends_on > :period - make_interval(months => :collection_lag_months + :interruption_months - 1)
    ) as unemployed on unemployed.person_key = aged.person_key
    -- gone for good or for now, or away in any of the months counted
    left join (
        select distinct person_key
        from absence
        where ends_on > :period - make_interval(months => :collection_lag_months + :interruption_months - 1)
    ) as absent on absent.person_key = aged.person_key
    where otherwise.person_key is null
      and pensioner.person_key is null
      and retiree.person_key is null
      and unemployed.person_key is null
      and absent.person_key is null
      and (aged.months_of_age is null or aged.working_until is null
           or aged.months_of_age <= greatest(aged.working_until, aged.undetermined_until))
) as lapsed
left join contribution
    on contribution.person_key = lapsed.person_key and contribution.month = lapsed.last_paid
   and contribution.insurance in ('employee_pension', 'organ_pension')
left join enrollment
    on enrollment.person_key = lapsed.person_key and enrollment.insurance in ('employee_pension', 'organ_pension')
group by lapsed.person_key, lapsed.area, lapsed.region, lapsed.doubt, lapsed.last_paid, lapsed.months_of_age;
