/*
id         = "U19"
title      = "Contributions due that have not arrived (社会保险费欠费)"
subject    = "employer"
severity   = "high"
basis      = ["乌海政发〔2020〕17号 五(二)3", "荣政办发〔2024〕3号 附件2", "社会保险法 第六十条、第六十三条、第八十六条"]
needs      = [
  "tax/collection", "human_resources/contribution", "market_supervision/registration", "market_supervision/cancellation",
]
misses     = ["tax/collection", "human_resources/contribution", "market_supervision/cancellation"]
parameters = ["collection_lag_months"]

[[months]]
delivery = "human_resources/contribution"
first    = ":period - make_interval(months => :collection_lag_months)"
last     = ":period - make_interval(months => :collection_lag_months)"

[[months]]
delivery = "tax/collection"
first    = ":period - make_interval(months => :collection_lag_months)"
last     = ":period - make_interval(months => :collection_lag_months)"

[explanation]
zh = "按险种列出单位应缴而未到账的社会保险费：税务征缴记录应缴大于实缴，或社保经办核定的职工缴费未足额到账，截至征缴数据成熟月份（近月到账未完的不计）。后来补缴的不计；退费冲减应缴。税务与经办两方说法不一、或分不清后一张税票是否为补缴的，不作判断，请先对账。请税务部门催缴，逾期的按日加收万分之五滞纳金。"
en = "By insurance, contributions that the employer owes for months whose collection is complete: the tax bureau collected less than was due, or the agency assessed contributions of staff that did not arrive. What was paid back later does not count, and refunds lower what is due. Where the two offices contradict each other, or nobody can tell a voucher of a back payment from a further due, nothing is said: have them reconcile. The tax bureau demands payment."

[[example]]
why      = "the tax bureau collected less than due, or the agency waits for a person's contribution; both insurances are matters of their own"
today    = 2026-11-21
employer = [{ employer = "Shop" }, { employer = "Mill" }]
collection = [
  { employer = "Shop", insurance = "employee_pension", month = 2026-08-01, due_yuan = 2400, paid_yuan = 0 },
  { employer = "Shop", insurance = "injury", month = 2026-08-01, due_yuan = 40, paid_yuan = 10 },
]
contribution = [
  { person = "A", employer = "Shop", month = 2026-08-01, paid = false },
  { person = "B", employer = "Mill", month = 2026-09-01, insurance = "unemployment", paid = false },
]
finds    = ["Shop/employee_pension", "Shop/injury", "Mill/unemployment"]

[[example]]
why      = "immature months, back payments, refunds, another office's list of the same premiums, the self-employed, a closed employer"
today    = 2026-11-21
employer = [{ employer = "Shop" }, { employer = "Closed", status = "cancelled" }]
collection = [
  { employer = "Shop", insurance = "employee_pension", month = 2026-10-01, due_yuan = 2400, paid_yuan = 0 },
  { employer = "Shop", insurance = "employee_pension", month = 2026-07-01, due_yuan = 2400, paid_yuan = 0 },
  { employer = "Shop", insurance = "employee_pension", month = 2026-07-01, voucher_no = "2", due_yuan = 2400, paid_yuan = 2400 },
  { employer = "Shop", insurance = "injury", month = 2026-08-01, due_yuan = 40, paid_yuan = 40 },
  { employer = "Shop", insurance = "injury", month = 2026-08-01, voucher_no = "2", due_yuan = -10, paid_yuan = -10 },
  { employer = "Shop", insurance = "unemployment", month = 2026-08-01, due_yuan = 40, paid_yuan = 0 },
  { employer = "Shop", insurance = "unemployment", month = 2026-08-01, due_yuan = 40, paid_yuan = 40, delivery_id = 2 },
  { employer = "Closed", insurance = "injury", month = 2026-08-01, due_yuan = 40, paid_yuan = 0 },
]
contribution = [
  { person = "A", employer = "Shop", month = 2026-10-01, paid = false },
  { person = "A", employer = "Shop", month = 2026-07-01, paid = false },
  { person = "A", employer = "Shop", month = 2026-07-01, kind = "back_payment", paid = true, settled_on = 2026-10-01 },
  { person = "B", month = 2026-07-01, paid = false },
]
finds    = []

[[example]]
why      = "the two offices contradict each other, or a second voucher may be a further due or the back payment"
today    = 2026-11-21
employer = [{ employer = "Agency waits" }, { employer = "Bureau waits" }, { employer = "Two vouchers" }]
collection = [
  { employer = "Agency waits", insurance = "employee_pension", month = 2026-08-01, due_yuan = 2400, paid_yuan = 2400 },
  { employer = "Bureau waits", insurance = "employee_pension", month = 2026-08-01, due_yuan = 2400, paid_yuan = 0 },
  { employer = "Two vouchers", insurance = "injury", month = 2026-08-01, due_yuan = 40, paid_yuan = 0 },
  { employer = "Two vouchers", insurance = "injury", month = 2026-08-01, voucher_no = "2", due_yuan = 40, paid_yuan = 40 },
]
contribution = [
  { person = "A", employer = "Agency waits", month = 2026-08-01, paid = false },
  { person = "B", employer = "Bureau waits", month = 2026-08-01, paid = true },
]
finds    = []
unknown  = ["Agency waits/employee_pension", "Bureau waits/employee_pension", "Two vouchers/injury"]
*/
select owing.employer_key as subject_key,
       owing.employer_key,
       owing.insurance as matter,
       open_employer.area,
       open_employer.region,
       case when owing.months > 0 then 'FOUND' else 'UNKNOWN' end as verdict,
       case when owing.months = 0 then 'the tax bureau''s vouchers and the agency''s contributions do not agree'
       end as unknown_because,
       owing.months as months_owed,
       owing.first_month,
       owing.last_month,
       owing.yuan as yuan_owed,
       owing.persons as persons_unpaid,
       owing.assessed_yuan as yuan_unpaid,
       open_employer.employer,
       owing.contribution,
       vouchers.collection
from (
    select employer_key, insurance,
           count(distinct month) filter (where standing = 'owed') as months,
           min(month) filter (where standing = 'owed') as first_month,
           max(month) filter (where standing = 'owed') as last_month,
           sum(yuan) filter (where standing = 'owed' and place = 1) as yuan,
           count(distinct person_key) filter (where standing = 'owed' and not arrived) as persons,
           sum(assessed_yuan) filter (where standing = 'owed' and not arrived) as assessed_yuan,
           array_agg(contribution) filter (where standing = 'owed' and not arrived) as contribution
    from (
        select told.*,
               case
                   when told.waiting and (told.owed is null or told.owed > 0 or told.perhaps > 0) then 'owed'
                   when not told.waiting and told.owed > 0 and not told.assessed then 'owed'
                   when told.waiting or told.owed > 0 or not told.assessed then 'contradicted'
                   else 'arrived'
               end as standing
        from (
            select row.*,
                   bool_or(row.person_key is not null) over months as assessed,
                   bool_or(row.person_key is not null and not row.arrived) over months as waiting,
                   row_number() over months as place
            from (
                select month.employer_key, month.insurance, month.month, month.owed, month.perhaps,
                       greatest(month.owed, 0) as yuan,
                       contribution.person_key, contribution,
                       contribution.employer_yuan + contribution.person_yuan as assessed_yuan,
                       bool_or(contribution.paid) over (
                           partition by month.employer_key, month.insurance, month.month, contribution.person_key
                       ) as arrived
                from (
                    -- months of which either office misses something; owed for certain, and perhaps, by the vouchers
                    select employer_key, insurance, month, owed, perhaps
                    from (
                        select employer_key, insurance, month, min(owed) as owed, min(perhaps) as perhaps,
                               bool_or(unpaid) as unpaid
                        from (
                            select employer_key, insurance, month,
                                   max(due_yuan) + sum(least(due_yuan, 0)) - sum(coalesce(paid_yuan, due_yuan)) as owed,
                                   sum(due_yuan) - sum(coalesce(paid_yuan, 0)) as perhaps,
                                   false as unpaid
                            from collection
                            where coalesce(last_month, month) <= :period - make_interval(months => :collection_lag_months)
                            group by employer_key, insurance, month, delivery_id
                            union all
                            select employer_key, insurance, month, null, null, true
                            from contribution
                            where not paid and kind <> 'refund'
                              and employer_key <> '00000000-0000-0000-0000-000000000000'
                              and month <= :period - make_interval(months => :collection_lag_months)
                            group by employer_key, insurance, month
                        ) as said
                        group by employer_key, insurance, month
                    ) as compared
                    where unpaid or owed > 0 or perhaps > 0
                ) as month
                left join contribution
                    on contribution.employer_key = month.employer_key and contribution.insurance = month.insurance
                   and contribution.month = month.month and contribution.kind <> 'refund'
            ) as row
            window months as (partition by row.employer_key, row.insurance, row.month)
        ) as told
    ) as judged
    where standing <> 'arrived'
    group by employer_key, insurance
) as owing
join open_employer on open_employer.employer_key = owing.employer_key
left join (
    select employer_key, insurance, array_agg(collection) as collection
    from collection
    where due_yuan > coalesce(paid_yuan, 0)
      and coalesce(last_month, month) <= :period - make_interval(months => :collection_lag_months)
    group by employer_key, insurance
) as vouchers on vouchers.employer_key = owing.employer_key and vouchers.insurance = owing.insurance
where open_employer.closes_on > :today;
