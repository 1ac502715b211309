/*
id       = "P12"
title    = "Contribution or benefit after death (死亡后仍缴费或领取待遇)"
subject  = "person"
severity = "high"
basis    = ["社会保险法 第八十八条", "荣政办发〔2024〕3号 附件2", "盐城市社会保险扩面征缴三年提升行动计划 附件2"]
needs    = [
  "public_security/population", "public_security/change", "civil_affairs/cremation", "human_resources/contribution",
  "human_resources/benefit",
]

[explanation]
zh = "公安死亡登记或民政火化记录所载死亡月份之后，仍有社会保险缴费到账或待遇发放。死亡当月的缴费和待遇合法，不列入；已退费的月份不列入。死亡与火化日期不一致的，取较晚者。请先核对身份，再停发、退费或追回。"
en = "A contribution arrived for, or a benefit was paid for, a month after that of death (register of deaths, cremations; of several dates the latest counts). The month of death itself is lawful. Verify the identity first, then stop, refund or recover."

[[example]]
why     = "died in July: the pension of July is lawful, that of September is not"
today   = 2026-11-21
person  = [{ person = "Paid on", status = "dead", status_on = 2026-07-03 }, { person = "Paid until", status = "normal" }]
life_event = [
  { person = "Paid on", kind = "death", happened_on = 2026-07-03 },
  { person = "Paid until", kind = "cremation", happened_on = 2026-07-03 },
]
benefit = [
  { person = "Paid on", starts_on = 2015-01-01, last_paid_month = 2026-09-01 },
  { person = "Paid until", starts_on = 2015-01-01, ends_on = 2026-08-01, last_paid_month = 2026-07-01, state = "ended" },
]
finds   = ["Paid on/benefit"]

[[example]]
why     = "a contribution for August after a death in July is found, unless it was refunded or never arrived"
today   = 2026-11-21
person  = [{ person = "Insured on" }, { person = "Refunded" }, { person = "Only assessed" }, { person = "For July" }]
life_event = [
  { person = "Insured on", kind = "cremation", happened_on = 2026-07-30 },
  { person = "Refunded", kind = "cremation", happened_on = 2026-07-30 },
  { person = "Only assessed", kind = "cremation", happened_on = 2026-07-30 },
  { person = "For July", kind = "cremation", happened_on = 2026-07-30 },
]
contribution = [
  { person = "Insured on", employer = "Shop", month = 2026-08-01 },
  { person = "Refunded", employer = "Shop", month = 2026-08-01 },
  { person = "Refunded", employer = "Shop", month = 2026-08-01, kind = "refund" },
  { person = "Only assessed", employer = "Shop", month = 2026-08-01, paid = false },
  { person = "For July", employer = "Shop", month = 2026-07-01, settled_on = 2026-09-01 },
]
finds   = ["Insured on/contribution"]

[[example]]
why     = "cremated in August after a death in July: the later date counts, for the benefit of the doubt"
today   = 2026-11-21
person  = [{ person = "Two dates", status = "dead", status_on = 2026-07-31 }]
life_event = [
  { person = "Two dates", kind = "death", happened_on = 2026-07-31 },
  { person = "Two dates", kind = "cremation", happened_on = 2026-08-02 },
]
benefit = [{ person = "Two dates", starts_on = 2015-01-01, last_paid_month = 2026-08-01, state = "ended" }]
finds   = []

[[example]]
why     = "still called drawing, but nobody says until when it was paid"
today   = 2026-11-21
person  = [{ person = "Drawing" }, { person = "Undated", status = "dead" }]
life_event = [{ person = "Drawing", kind = "death", happened_on = 2026-05-05 }]
benefit = [{ person = "Drawing", starts_on = 2015-01-01 }, { person = "Undated", starts_on = 2015-01-01 }]
finds   = []
unknown = ["Drawing/benefit"]
*/
select after_death.person_key as subject_key,
       after_death.person_key,
       person.area,
       person.region,
       after_death.matter,
       after_death.verdict,
       case when after_death.verdict = 'UNKNOWN'
            then 'the benefit is called drawing, but its last month paid is not told' end as unknown_because,
       after_death.died_on,
       after_death.last_month,
       after_death.months,
       life_event.life_event,
       after_death.contribution,
       after_death.benefit,
       case when person.status = 'dead' then person end as person
from (
    select person_key, died_on, 'contribution' as matter, 'FOUND' as verdict,
           max(month) as last_month, count(distinct month) as months,
           array_agg(contribution) as contribution, cast(null as benefit[]) as benefit
    from (
        select death.person_key, death.died_on, contribution.month, contribution.paid, contribution,
               bool_or(contribution.kind = 'refund')
                   over (partition by death.person_key, contribution.month, contribution.insurance) as refunded
        from death
        join contribution on contribution.person_key = death.person_key
        where contribution.month > death.died_on
    ) as contributed
    where paid and not refunded
    group by person_key, died_on
    union all
    select death.person_key, death.died_on, 'benefit',
           case when max(benefit.last_paid_month) is null then 'UNKNOWN' else 'FOUND' end,
           max(benefit.last_paid_month), null, cast(null as contribution[]), array_agg(benefit)
    from death
    join benefit on benefit.person_key = death.person_key
    where benefit.last_paid_month > death.died_on
       or (benefit.last_paid_month is null and benefit.state = 'drawing' and :period > death.died_on
           and benefit.ends_on > :period)
    group by death.person_key, death.died_on
) as after_death
left join person on person.person_key = after_death.person_key
left join (
    select person_key, array_agg(life_event) as life_event
    from life_event
    where kind in ('death', 'cremation')
    group by person_key
) as life_event on life_event.person_key = after_death.person_key;
