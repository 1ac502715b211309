/*
id         = "U05"
title      = "Contribution bases below the wages (缴费基数低于工资)"
subject    = "employer"
severity   = "medium"
basis      = ["荣政办发〔2024〕3号 措施11、措施12", "乌海政发〔2020〕17号 四(四)1", "社会保险法 第十二条、第三十五条"]
needs      = [
  "tax/payroll", "human_resources/contribution", "market_supervision/registration", "market_supervision/cancellation",
]
parameters = ["collection_lag_months", "contribution_base_floor", "contribution_base_ceiling", "wage_base_gap"]

[[months]]
delivery = "tax/payroll"
first    = "date_trunc('year', :period - make_interval(months => :collection_lag_months)) - interval '12 months'"
last     = "date_trunc('year', :period - make_interval(months => :collection_lag_months)) - interval '1 month'"

[[months]]
delivery = "human_resources/contribution"
first    = ":period - make_interval(months => :collection_lag_months)"
last     = ":period - make_interval(months => :collection_lag_months)"

[at]
contribution_base_floor   = ":period - make_interval(months => :collection_lag_months)"
contribution_base_ceiling = ":period - make_interval(months => :collection_lag_months)"

[explanation]
zh = "按上一自然年度月平均工资（个税申报的正常工资薪金，不含奖金）核对本年度缴费基数，二者均按上下限封顶保底后比较，少报部分占应报合计的比例达到“差异较大”标准。本年度新入职、上年度无工资的人员不参与比较。"
en = "The base of a year follows from the average monthly wage of the calendar year before, between floor and ceiling. Here the bases fall short of it by a large share. Bonuses, and persons without a wage in the year before, are left out."

[[example]]
why      = "8,000 yuan a month in 2025, a base of 5,000 in 2026"
today    = 2026-11-21
employer = [{ employer = "Shop" }]
payroll  = [
  { person = "A", employer = "Shop", month = 2025-01-01, yuan = 8000 },
  { person = "A", employer = "Shop", month = 2025-02-01, yuan = 8000 },
]
contribution = [{ person = "A", employer = "Shop", month = 2026-09-01, contribution_base = 5000 }]
finds    = ["Shop"]

[[example]]
why      = "capped, floored, a bonus, a second employer's wage, a small difference, a raise this year: none is a shortfall"
today    = 2026-11-21
employer = [
  { employer = "Bank" }, { employer = "Farm" }, { employer = "Mill" }, { employer = "Shop" }, { employer = "Yard" },
  { employer = "Forge" },
]
payroll  = [
  { person = "Rich", employer = "Bank", month = 2025-05-01, yuan = 60000 },
  { person = "Poor", employer = "Farm", month = 2025-05-01, yuan = 2000 },
  { person = "Lucky", employer = "Mill", month = 2025-05-01, yuan = 6000 },
  { person = "Lucky", employer = "Mill", month = 2025-05-01, yuan = 60000, income = "bonus" },
  { person = "Two jobs", employer = "Shop", month = 2025-05-01, yuan = 6000 },
  { person = "Two jobs", employer = "Elsewhere", month = 2025-05-01, yuan = 6000 },
  { person = "Nearly", employer = "Yard", month = 2025-05-01, yuan = 6000 },
  { person = "Raised", employer = "Forge", month = 2025-05-01, yuan = 6000 },
  { person = "Raised", employer = "Forge", month = 2026-05-01, yuan = 16000 },
]
contribution = [
  { person = "Rich", employer = "Bank", month = 2026-09-01, contribution_base = 22078 },
  { person = "Poor", employer = "Farm", month = 2026-09-01, contribution_base = 4416 },
  { person = "Lucky", employer = "Mill", month = 2026-09-01, contribution_base = 6000 },
  { person = "Two jobs", employer = "Shop", month = 2026-09-01, contribution_base = 6000 },
  { person = "Nearly", employer = "Yard", month = 2026-09-01, contribution_base = 5500 },
  { person = "Raised", employer = "Forge", month = 2026-09-01, contribution_base = 6000 },
]
finds    = []

[[example]]
why      = "who changed the employer during the year brings the year's average along; a new hire is not compared"
today    = 2026-11-21
employer = [{ employer = "Shop" }]
payroll  = [
  { person = "Changed", employer = "Mill", month = 2025-01-01, yuan = 4500 },
  { person = "Changed", employer = "Mill", month = 2025-02-01, yuan = 4500 },
  { person = "Changed", employer = "Mill", month = 2025-03-01, yuan = 4500 },
  { person = "Changed", employer = "Shop", month = 2025-04-01, yuan = 9000 },
  { person = "New", employer = "Shop", month = 2026-02-01, yuan = 20000 },
]
contribution = [
  { person = "Changed", employer = "Shop", month = 2026-09-01, contribution_base = 5625 },
  { person = "New", employer = "Shop", month = 2026-09-01, contribution_base = 4416 },
]
finds    = []

[[example]]
why      = "bases that are not told cannot be compared"
today    = 2026-11-21
employer = [{ employer = "Shop" }]
payroll  = [{ person = "A", employer = "Shop", month = 2025-05-01, yuan = 8000 }]
contribution = [{ person = "A", employer = "Shop", month = 2026-09-01 }]
finds    = []
unknown  = ["Shop"]
*/
select low.employer_key as subject_key,
       low.employer_key,
       employer.area,
       employer.region,
       low.verdict,
       case when low.verdict = 'UNKNOWN' then 'the contributions do not tell the bases' end as unknown_because,
       (:period - make_interval(months => :collection_lag_months))::date as month,
       low.compared,
       low.persons_short,
       low.wages_counted,
       low.bases_declared,
       round(low.shortfall / low.wages_counted, 4) as share_short,
       employer,
       low.contribution,
       low.payroll
from (
    select summed.employer_key, summed.verdict, summed.compared, summed.persons_short, summed.wages_counted,
           summed.bases_declared, summed.shortfall,
           array_agg(distinct contribution) filter (where contribution.person_key is not null) as contribution,
           array_agg(distinct payroll) filter (where payroll.person_key is not null) as payroll
    from (
        select totals.*,
               case when totals.compared > 0 then 'FOUND' else 'UNKNOWN' end as verdict
        from (
            select employer_key, person_key, expected, declared,
                   count(declared) over employers as compared,
                   count(*) filter (where declared < expected) over employers as persons_short,
                   round(sum(expected) filter (where declared is not null) over employers, 2) as wages_counted,
                   sum(declared) over employers as bases_declared,
                   sum(greatest(expected - declared, 0)) filter (where declared is not null) over employers as shortfall
            from (
                select based.employer_key, based.person_key,
                       least(greatest(least(here.average, anywhere.average), :contribution_base_floor),
                             :contribution_base_ceiling) as expected,
                       case when based.base is not null
                            then least(greatest(based.base, :contribution_base_floor), :contribution_base_ceiling)
                       end as declared
                from (
                    select employer_key, person_key, max(contribution_base) as base
                    from contribution
                    where month = :period - make_interval(months => :collection_lag_months)
                      and insurance = 'employee_pension' and kind = 'regular'
                      and employer_key <> '00000000-0000-0000-0000-000000000000'
                    group by employer_key, person_key
                ) as based
                join (
                    select employer_key, person_key, sum(yuan) / count(distinct month) as average
                    from payroll
                    where income = 'wage' and yuan > 0
                      and month >= date_trunc('year', :period - make_interval(months => :collection_lag_months))
                                   - interval '12 months'
                      and month < date_trunc('year', :period - make_interval(months => :collection_lag_months))
                    group by employer_key, person_key
                ) as here on here.employer_key = based.employer_key and here.person_key = based.person_key
                join (
                    select person_key, sum(yuan) / count(distinct month) as average
                    from payroll
                    where income = 'wage' and yuan > 0
                      and month >= date_trunc('year', :period - make_interval(months => :collection_lag_months))
                                   - interval '12 months'
                      and month < date_trunc('year', :period - make_interval(months => :collection_lag_months))
                    group by person_key
                ) as anywhere on anywhere.person_key = based.person_key
            ) as compared
            window employers as (partition by employer_key)
        ) as totals
        where totals.compared = 0
           or totals.shortfall >= :wage_base_gap * totals.wages_counted
    ) as summed
    -- the base and the year's wages of those who are short
    left join contribution
        on contribution.employer_key = summed.employer_key and contribution.person_key = summed.person_key
       and contribution.month = :period - make_interval(months => :collection_lag_months)
       and contribution.insurance = 'employee_pension' and contribution.kind = 'regular'
       and summed.declared < summed.expected
    left join payroll
        on payroll.employer_key = summed.employer_key and payroll.person_key = summed.person_key
       and payroll.income = 'wage'
       and payroll.month >= date_trunc('year', :period - make_interval(months => :collection_lag_months))
                            - interval '12 months'
       and payroll.month < date_trunc('year', :period - make_interval(months => :collection_lag_months))
       and summed.declared < summed.expected
    group by summed.employer_key, summed.verdict, summed.compared, summed.persons_short, summed.wages_counted,
             summed.bases_declared, summed.shortfall
) as low
join employer on employer.employer_key = low.employer_key
left join (
    select distinct employer_key from employer_closure where closed_on <= :today
) as closed on closed.employer_key = low.employer_key
where employer.status in ('operating', 'introduced')
  and closed.employer_key is null;
