/*
id         = "Q01"
title      = "The stores of participation, business and cards differ (全民参保库、业务库、持卡库不一致)"
subject    = "person"
severity   = "low"
basis      = ["山东省全面实施全民参保计划工作方案(2018) 二(五)2"]
needs      = [
  "human_resources/social_card", "human_resources/enrollment", "human_resources/resident_pension",
  "public_security/population", "public_security/change", "civil_affairs/cremation",
]
misses     = ["human_resources/social_card", "public_security/population"]
consults   = ["public_security/residence"]

[explanation]
zh = "全民参保库（人口底数）、社保业务库和社会保障卡持卡库应同步更新，三库不一致的列入并在 matter 中注明：no_card 业务库中本地正常参保、上月以前即已参保，持卡库中没有有效卡（无卡或已注销；挂失、锁定的仍算持卡）；card_of_gone 本月以前已死亡（含火化）或重号注销，仍有未注销的卡；unknown_resident 参加本地居民养老保险，但人口库和居住登记均无此人。当月新参保、当月死亡的尚在办理期，不列入；外地户籍职工、灵活就业人员本就不在本地人口库，不列入。请经办机构核对后补发、注销或更正。"
en = "The participation store (who lives here), the business store and the store of card holders are to be kept in step. The matter says how they differ: no_card, in force in the business store since before the month, and no valid card (none, or cancelled; one reported lost still counts); card_of_gone, dead or struck off as a duplicate before the month, and the card was not cancelled; unknown_resident, in the residents' pension here, and neither the population register nor the residence registrations have the person. What began or happened within the month is left out; employees and self-employed from elsewhere are not in the register by right. The agency issues, cancels or corrects."

[[example]]
why     = "enrolled without a card, dead with one, and a resident whom nobody knows to live here"
today   = 2026-11-21
person  = [
  { person = "No card", birth_on = 1985-01-01 }, { person = "Cancelled card", birth_on = 1985-01-01 },
  { person = "Dead", birth_on = 1940-01-01, status = "dead", status_on = 2026-08-02 },
  { person = "Cremated", birth_on = 1940-01-01 }, { person = "Duplicate", birth_on = 1985-01-01, status = "cancelled" },
  { person = "Unknown", birth_on = 1985-01-01, status = "introduced" },
]
enrollment = [
  { person = "No card", employer = "Shop", starts_on = 2026-09-01 },
  { person = "Cancelled card", insurance = "resident_pension", starts_on = 2015-01-01, region = "371082100201" },
  { person = "Unknown", insurance = "resident_pension", starts_on = 2015-01-01 },
]
life_event = [
  { person = "Cremated", kind = "cremation", happened_on = 2026-09-20 },
  { person = "Duplicate", kind = "cancelled", happened_on = 2026-02-20 },
]
social_card = [
  { person = "Cancelled card", state = "cancelled" }, { person = "Dead", state = "active" },
  { person = "Cremated", state = "suspended" }, { person = "Duplicate", state = "active" },
  { person = "Unknown", state = "active" },
]
finds   = [
  "No card/no_card", "Cancelled card/no_card", "Dead/card_of_gone", "Cremated/card_of_gone", "Duplicate/card_of_gone",
  "Unknown/unknown_resident",
]

[[example]]
why     = "a card, if only one that was lost; not in force; enrolled in another place; dead and without a card"
today   = 2026-11-21
person  = [
  { person = "Holder", birth_on = 1985-01-01 }, { person = "Lost it", birth_on = 1985-01-01 },
  { person = "Left", birth_on = 1985-01-01 }, { person = "Suspended", birth_on = 1985-01-01 },
  { person = "Elsewhere", birth_on = 1985-01-01 }, { person = "Nothing at all", birth_on = 1985-01-01 },
  { person = "Medical only", birth_on = 2020-01-01 },
  { person = "Dead", birth_on = 1940-01-01, status = "dead", status_on = 2026-08-02 },
  { person = "Dead and cancelled", birth_on = 1940-01-01, status = "dead", status_on = 2026-08-02 },
  { person = "Moved", birth_on = 1985-01-01, status = "moved_out" },
]
enrollment = [
  { person = "Holder", employer = "Shop", starts_on = 2020-01-01 },
  { person = "Lost it", employer = "Shop", starts_on = 2020-01-01 },
  { person = "Left", employer = "Shop", starts_on = 2020-01-01, ends_on = 2026-09-01, state = "ended" },
  { person = "Suspended", starts_on = 2020-01-01, state = "suspended" },
  { person = "Elsewhere", starts_on = 2020-01-01, region = "370202" },
  { person = "Medical only", insurance = "resident_medical", starts_on = 2020-01-01 },
  { person = "Dead", insurance = "resident_pension", starts_on = 2020-01-01 },
]
life_event = [{ person = "Moved", kind = "moved_out", happened_on = 2026-02-20 }]
social_card = [
  { person = "Holder", state = "active" }, { person = "Lost it", state = "suspended" },
  { person = "Dead and cancelled", state = "cancelled" }, { person = "Moved", state = "active" },
]
finds   = []

[[example]]
why     = "enrolled or dead within the month; an employee from elsewhere; a resident with a residence registered"
today   = 2026-11-21
person  = [
  { person = "New", birth_on = 1985-01-01 }, { person = "Just dead", birth_on = 1940-01-01, status = "dead", status_on = 2026-10-01 },
  { person = "Employee from elsewhere", birth_on = 1985-01-01, status = "introduced" },
  { person = "Settled", birth_on = 1985-01-01, status = "introduced" },
]
enrollment = [
  { person = "New", employer = "Shop", starts_on = 2026-10-01 },
  { person = "Employee from elsewhere", employer = "Shop", starts_on = 2020-01-01 },
  { person = "Settled", insurance = "resident_pension", starts_on = 2020-01-01 },
]
life_event  = [{ person = "Settled", kind = "residing", happened_on = 2024-01-01 }]
social_card = [
  { person = "Just dead", state = "active" }, { person = "Employee from elsewhere", state = "active" },
  { person = "Settled", state = "active" },
]
finds   = []

[[example]]
why     = "without the residence registrations, or on the strength of one that ran out, nobody is called unknown"
today   = 2026-11-21
missing = ["public_security/residence"]
person  = [{ person = "Unknown", birth_on = 1985-01-01, status = "introduced" }]
enrollment  = [{ person = "Unknown", insurance = "resident_pension", starts_on = 2015-01-01 }]
social_card = [{ person = "Unknown", state = "active" }]
finds   = []
unknown = ["Unknown/unknown_resident"]

[[example]]
why     = "a registration that ran out may have been renewed"
today   = 2026-11-21
person  = [{ person = "Settled", birth_on = 1985-01-01, status = "introduced" }]
enrollment  = [{ person = "Settled", insurance = "resident_pension", starts_on = 2015-01-01 }]
life_event  = [{ person = "Settled", kind = "residing", happened_on = 2024-01-01, ends_on = 2026-01-01 }]
social_card = [{ person = "Settled", state = "active" }]
finds   = []
unknown = ["Settled/unknown_resident"]
*/
select differing.person_key as subject_key,
       differing.person_key,
       differing.matter,
       differing.area,
       differing.region,
       case when differing.doubt is null then 'FOUND' else 'UNKNOWN' end as verdict,
       differing.doubt as unknown_because,
       differing.gone_on,
       case when :missing = '' then 'confirmed' else 'to_be_checked' end as certainty,
       nullif(:missing, '') as not_delivered,
       (array_agg(person))[1] as person,
       array_agg(distinct social_card) filter (where social_card.person_key is not null) as social_card,
       array_agg(distinct enrollment) filter (where enrollment.person_key is not null) as enrollment
from (
    select compared.*,
           case
               when compared.matter = 'unknown_resident' and compared.residing is null
                    and position('public_security/residence' in :missing) > 0
                   then 'perhaps registered as living here: public_security/residence is not to be had'
               when compared.matter = 'unknown_resident' and not compared.residing
                   then 'a registration of residence that ran out: perhaps renewed'
           end as doubt
    from (
        select person.person_key, coalesce(person.area, business.area) as area, person.region, gone.gone_on, residing.now as residing,
               case
                   when gone.gone_on < :period and card.held
                       then 'card_of_gone'
                   when person.status = 'introduced' and business.resident and residing.now is not true
                       then 'unknown_resident'
                   when person.status in ('normal', 'introduced') and gone.gone_on is null and business.in_force
                        and card.held is not true
                       then 'no_card'
               end as matter
        from person
        left join (
            select person_key, bool_or(state <> 'cancelled') as held from social_card group by person_key
        ) as card on card.person_key = person.person_key
        -- in force here since before the month: what began within it has no card yet
        left join (
            select person_key, true as in_force, bool_or(insurance = 'resident_pension') as resident,
                   max(case when length(region) > 8 then left(region, 9) end) as area  -- the village tells the town
            from enrollment
            where state = 'active' and starts_on < :period and ends_on >= :data_until
              and insurance in ('employee_pension', 'organ_pension', 'resident_pension', 'unemployment', 'injury')
              and coalesce(region, :region) like rtrim(:region, '0') || '%'
            group by person_key
        ) as business on business.person_key = person.person_key
        left join (
            select person_key, min(day) as gone_on
            from (
                select person_key, died_on as day from death
                union all
                select person_key, starts_on from absence where kind = 'cancelled'
            ) as told
            group by person_key
        ) as gone on gone.person_key = person.person_key
        left join (
            select person_key, bool_or(ends_on >= :data_until) as now
            from life_event
            where kind = 'residing'
            group by person_key
        ) as residing on residing.person_key = person.person_key
    ) as compared
    where compared.matter is not null
) as differing
join person on person.person_key = differing.person_key
left join social_card on social_card.person_key = differing.person_key
left join enrollment on enrollment.person_key = differing.person_key and differing.matter <> 'card_of_gone'
group by differing.person_key, differing.matter, differing.area, differing.region, differing.doubt, differing.gone_on;
