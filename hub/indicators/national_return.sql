/*
title      = "What the national participation store is told (部级全民参保库上报)"
basis      = ["山东省全面实施全民参保计划工作方案(2018) 二(五)1", "人社部发〔2014〕40号"]
needs      = [
  "public_security/population", "human_resources/enrollment", "human_resources/resident_pension",
  "human_resources/contribution",
]

[explanation]
zh = "每人每险种一行：取现行有效的一段参保关系及最后缴费月份；未参加任何保险的户籍人员一行，附入户调查所填未参保原因。"
en = "A line for each person and insurance: the spell that holds, and the last month paid. A resident in no insurance at all has one line, with the reason that was told at the door."
*/
-- Of several spells in one insurance the one that holds: an active one, the latest begun.
select told.person_key, told.insurance, person.sealed, person.sex, person.birth_on, person.region, person.area,
       told.state, told.contributor, told.starts_on, nullif(told.ends_on, date '9999-12-31') as ends_on,
       told.contribution_base::text, told.tier_yuan::text, told.paid_on_behalf,
       employer.uscc as employer_uscc, employer.name as employer_name, paid.last_paid_month,
       told.reason as not_enrolled_reason
from (
    select person_key, insurance, employer_key, state, contributor, starts_on, ends_on, contribution_base, tier_yuan,
           paid_on_behalf, cast(null as text) as reason,
           row_number() over (partition by person_key, insurance
                              order by (state = 'active') desc, starts_on desc, employer_key, delivery_id) as place
    from enrollment
    where insurance in ('employee_pension', 'organ_pension', 'resident_pension', 'unemployment', 'injury')
      and starts_on < :data_until and starts_with(coalesce(region, :region), regexp_replace(:region, '(00)+$', ''))
    union all
    select person.person_key, '', null, 'not_enrolled', null, null, null, null, null, null, surveyed.reason, 1
    from person
    left join (select distinct person_key from enrollment) as insured on insured.person_key = person.person_key
    left join (
        select person_key, reason,
               row_number() over (partition by person_key order by surveyed_on desc, delivery_id) as place
        from household_survey where surveyed_on < :data_until
    ) as surveyed on surveyed.person_key = person.person_key and surveyed.place = 1
    where person.status = 'normal' and insured.person_key is null
) as told
join person on person.person_key = told.person_key
left join employer on employer.employer_key = told.employer_key
left join (
    select person_key, insurance, max(month) as last_paid_month
    from contribution where paid and kind <> 'refund' and month < :data_until
    group by person_key, insurance
) as paid on paid.person_key = told.person_key and paid.insurance = told.insurance
where told.place = 1
order by told.person_key, told.insurance collate "C"
