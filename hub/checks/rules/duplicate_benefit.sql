/*
id       = "P11"
title    = "Two benefits for the same months that exclude one another (重复领取待遇)"
subject  = "person"
severity = "high"
basis    = [
  "山东省全面实施全民参保计划工作方案(2018) 一(二)、二(五)4", "社会保险法 第五十一条", "人社部发〔2014〕17号 第八条",
]
needs    = ["human_resources/benefit", "public_security/population"]

[explanation]
zh = "同一人同一月份领取两项不得同时享受的待遇：企业职工、机关事业、城乡居民养老待遇中的任意两项，或任一养老待遇与失业保险金。工伤等其他待遇可以并存，不列入。仅有一个月重叠且其中一项刚开始的，可能是转换当月尚未停发；其中一项已终止的，是否已退回数据未载；末次发放年月不明的，均不作判断。请核实身份后停发其中一项（职工与居民养老重复的，终止居民养老），重领部分按规定退回或抵扣。"
en = "For the same months a person was paid two benefits that exclude one another: two of the employee, organ and resident pensions, or any pension and unemployment benefit. Injury benefits may stand beside them. A single month in which one began may be the change itself; where one has ended, the data do not say whether it was paid back; where the last month paid is not told, nothing is judged. Verify the identity, stop one (of employee and resident pension the resident's) and recover what was paid twice."

[[example]]
why     = "each pair is a finding of its own"
today   = 2026-11-21
person  = [{ person = "Two pensions" }, { person = "Pension and dole" }, { person = "Three" }]
benefit = [
  { person = "Two pensions", kind = "employee_pension", starts_on = 2020-01-01, last_paid_month = 2026-10-01 },
  { person = "Two pensions", kind = "resident_pension", starts_on = 2015-01-01, last_paid_month = 2026-10-01 },
  { person = "Pension and dole", kind = "resident_pension", starts_on = 2026-03-01, last_paid_month = 2026-10-01 },
  { person = "Pension and dole", kind = "unemployment", starts_on = 2026-01-01, ends_on = 2027-01-01, last_paid_month = 2026-10-01 },
  { person = "Three", kind = "employee_pension", starts_on = 2020-01-01, last_paid_month = 2026-10-01 },
  { person = "Three", kind = "organ_pension", starts_on = 2020-01-01, last_paid_month = 2026-10-01 },
  { person = "Three", kind = "unemployment", starts_on = 2026-09-01, last_paid_month = 2026-10-01 },
]
finds   = [
  "Two pensions/employee_pension + resident_pension", "Pension and dole/resident_pension + unemployment",
  "Three/employee_pension + organ_pension", "Three/employee_pension + unemployment", "Three/organ_pension + unemployment",
]

[[example]]
why     = "one after the other, or a pair that may stand together"
today   = 2026-11-21
person  = [{ person = "Changed" }, { person = "Suspended in time" }, { person = "Injured" }, { person = "Agreed, not begun" }]
benefit = [
  { person = "Changed", kind = "resident_pension", starts_on = 2015-01-01, ends_on = 2020-01-01, state = "ended", last_paid_month = 2019-12-01 },
  { person = "Changed", kind = "employee_pension", starts_on = 2020-01-01, last_paid_month = 2026-10-01 },
  { person = "Suspended in time", kind = "unemployment", starts_on = 2025-10-01, state = "suspended", last_paid_month = 2026-02-01 },
  { person = "Suspended in time", kind = "employee_pension", starts_on = 2026-03-01, last_paid_month = 2026-10-01 },
  { person = "Injured", kind = "injury", starts_on = 2015-01-01, last_paid_month = 2026-10-01 },
  { person = "Injured", kind = "employee_pension", starts_on = 2020-01-01, last_paid_month = 2026-10-01 },
  { person = "Agreed, not begun", kind = "resident_pension", starts_on = 2015-01-01, last_paid_month = 2026-10-01 },
  { person = "Agreed, not begun", kind = "employee_pension", starts_on = 2026-11-01 },
]
finds   = []

[[example]]
why     = "the month of the change, what has ended, and a month that is not told: not for the data to decide"
today   = 2026-11-21
person  = [{ person = "Began this month" }, { person = "Ended since" }, { person = "Not told" }]
benefit = [
  { person = "Began this month", kind = "resident_pension", starts_on = 2015-01-01, last_paid_month = 2026-10-01 },
  { person = "Began this month", kind = "employee_pension", starts_on = 2026-10-01, last_paid_month = 2026-10-01 },
  { person = "Ended since", kind = "resident_pension", starts_on = 2015-01-01, ends_on = 2026-07-01, state = "ended", last_paid_month = 2026-06-01 },
  { person = "Ended since", kind = "employee_pension", starts_on = 2026-01-01, last_paid_month = 2026-10-01 },
  { person = "Not told", kind = "resident_pension", starts_on = 2015-01-01 },
  { person = "Not told", kind = "employee_pension", starts_on = 2020-01-01, last_paid_month = 2026-10-01 },
]
finds   = []
unknown = [
  "Began this month/employee_pension + resident_pension", "Ended since/employee_pension + resident_pension",
  "Not told/employee_pension + resident_pension",
]
*/
select twice.person_key as subject_key,
       twice.person_key,
       person.area,
       person.region,
       twice.pair as matter,
       case when twice.certain then 'FOUND' else 'UNKNOWN' end as verdict,
       case
           when twice.certain then null
           when twice.untold then 'the last month paid of one of them is not told'
           when twice.ended then 'one of them has ended: whether what was paid twice came back is not told'
           else 'one of them began in the last month paid: the end of the other may not be entered yet'
       end as unknown_because,
       twice.first_month,
       twice.last_month,
       months(twice.last_month) - months(twice.first_month) + 1 as months,
       twice.benefit
from (
    select person_key, pair,
           bool_or(not ended and not untold and first_month < last_month) as certain,
           bool_or(untold) as untold,
           bool_or(ended) as ended,
           min(first_month) as first_month,
           max(last_month) as last_month,
           array_agg(distinct one) || array_agg(distinct other) as benefit
    from (
        select one.person_key,
               one.kind || ' + ' || other.kind as pair,
               one.state = 'ended' or other.state = 'ended' as ended,
               one.last_paid_month is null or other.last_paid_month is null as untold,
               greatest(one.starts_on, other.starts_on) as first_month,
               least(coalesce(one.last_paid_month, :period), coalesce(other.last_paid_month, :period)) as last_month,
               one,
               other
        from benefit as one
        -- which of them exclude one another: of the old-age pensions a person has one, and draws no dole beside it
        join (
            values ('employee_pension', 'organ_pension'), ('employee_pension', 'resident_pension'),
                   ('organ_pension', 'resident_pension'), ('employee_pension', 'unemployment'),
                   ('organ_pension', 'unemployment'), ('resident_pension', 'unemployment')
        ) as excluding (kind, barred) on excluding.kind = one.kind
        join benefit as other on other.person_key = one.person_key and other.kind = excluding.barred
        where (one.last_paid_month is not null or one.state = 'drawing')
          and (other.last_paid_month is not null or other.state = 'drawing')
          and one.ends_on > other.starts_on
          and other.ends_on > one.starts_on
    ) as pairs
    where first_month <= last_month
    group by person_key, pair
) as twice
left join person on person.person_key = twice.person_key;
