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
       open_employer.area,
       open_employer.region,
       case when low.compared > 0 then 'FOUND' else 'UNKNOWN' end as verdict,
       case when low.compared = 0 then 'the contributions do not tell the bases' end as unknown_because,
       (:period - make_interval(months => :collection_lag_months))::date as month,
       low.compared,
       low.persons_short,
       low.wages_counted,
       low.bases_declared,
       round(low.shortfall / low.wages_counted, 4) as share_short,
       open_employer.employer,
       low.contribution,
       low.payroll
from (
    select totals.employer_key, totals.compared, totals.persons_short, totals.wages_counted, totals.bases_declared,
           totals.shortfall,
           array_agg(distinct base.contribution) filter (where base.person_key is not null) as contribution,
           array_agg(distinct payroll) filter (where payroll.person_key is not null) as payroll
    from (
        select employer_key,
               count(declared) as compared,
               count(*) filter (where declared < expected) as persons_short,
               round(sum(expected) filter (where declared is not null), 2) as wages_counted,
               sum(declared) as bases_declared,
               sum(greatest(expected - declared, 0)) filter (where declared is not null) as shortfall,
               array_agg(person_key) filter (where declared < expected) as short
        from (
            select employer_key, person_key,
                   least(greatest(least(here, anywhere), :contribution_base_floor), :contribution_base_ceiling)
                   as expected,
                   case when base is not null
                        then least(greatest(base, :contribution_base_floor), :contribution_base_ceiling)
                   end as declared
            from (
                -- the year's monthly average here, and at all employers together; months are a set of bits
                select employer_key, person_key, insured, base,
                       yuan / nullif(bit_count(months::bit(13)), 0) as here,
                       sum(yuan) over persons / nullif(bit_count((bit_or(months) over persons)::bit(13)), 0)
                       as anywhere
                from (
                    select employer_key, person_key, bool_or(insured) as insured, max(base) as base,
                           sum(yuan) as yuan, bit_or(months) as months
                    from (
                        select employer_key, person_key, true as insured, contribution_base as base,
                               cast(null as numeric) as yuan, 0 as months
                        from declared_base
                        where month = :period - make_interval(months => :collection_lag_months)
                        union all
                        select employer_key, person_key, false, null, yuan,
                               1 << extract(month from month)::integer
                        from wage
                        where month >= date_trunc('year',
                                                  :period - make_interval(months => :collection_lag_months))
                                       - interval '12 months'
                          and month < date_trunc('year',
                                                 :period - make_interval(months => :collection_lag_months))
                    ) as said
                    group by employer_key, person_key
                ) as pairs
                window persons as (partition by person_key)
            ) as averaged
            where insured and here is not null
        ) as compared
        group by employer_key
    ) as totals
    -- the base and the year's wages of those who are short
    left join declared_base as base
        on base.employer_key = totals.employer_key and base.person_key = any(totals.short)
       and base.month = :period - make_interval(months => :collection_lag_months)
    left join payroll
        on payroll.employer_key = totals.employer_key and payroll.person_key = base.person_key
       and payroll.income = 'wage'
       and payroll.month >= date_trunc('year', :period - make_interval(months => :collection_lag_months))
                            - interval '12 months'
       and payroll.month < date_trunc('year', :period - make_interval(months => :collection_lag_months))
    where totals.compared = 0 or totals.shortfall >= :wage_base_gap * totals.wages_counted
    group by totals.employer_key, totals.compared, totals.persons_short, totals.wages_counted, totals.bases_declared,
             totals.shortfall
) as low
join open_employer on open_employer.employer_key = low.employer_key
where open_employer.closes_on > :today;
