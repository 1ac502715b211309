/*
id         = "U06"
title      = "The whole staff at the lowest base (缴费基数全员下限)"
subject    = "employer"
severity   = "low"
basis      = ["荣政办发〔2024〕3号 措施12"]
needs      = ["human_resources/contribution", "market_supervision/registration", "market_supervision/cancellation"]
misses     = ["human_resources/contribution"]
parameters = ["collection_lag_months", "contribution_base_floor", "floor_staff_min"]

[[months]]
delivery = "human_resources/contribution"
first    = ":period - make_interval(months => :collection_lag_months)"
last     = ":period - make_interval(months => :collection_lag_months)"

[at]
contribution_base_floor = ":period - make_interval(months => :collection_lag_months)"

[explanation]
zh = "单位当月全部职工的养老保险缴费基数均为省定下限（四舍五入到元以内的差异不计），且人数达到规定。这是提示，不是认定：请发提醒函，由单位自查工资。"
en = "Every one of the employer's insured has the lowest base of the province. A reason to ask, not a proof: have the employer check its wages."

[[example]]
why      = "three of three at the floor, one of them rounded to the yuan"
today    = 2026-11-21
employer = [{ employer = "Shop" }]
contribution = [
  { person = "A", employer = "Shop", month = 2026-09-01, contribution_base = 4416 },
  { person = "B", employer = "Shop", month = 2026-09-01, contribution_base = 4416.40 },
  { person = "C", employer = "Shop", month = 2026-09-01, contribution_base = 4416 },
]
finds    = ["Shop"]

[[example]]
why      = "one above the floor, only two in all, or one below the floor (an error of its own kind): not found"
today    = 2026-11-21
employer = [{ employer = "One above" }, { employer = "Only two" }, { employer = "One below" }]
contribution = [
  { person = "A", employer = "One above", month = 2026-09-01, contribution_base = 4416 },
  { person = "B", employer = "One above", month = 2026-09-01, contribution_base = 4416 },
  { person = "C", employer = "One above", month = 2026-09-01, contribution_base = 4800 },
  { person = "D", employer = "Only two", month = 2026-09-01, contribution_base = 4416 },
  { person = "E", employer = "Only two", month = 2026-09-01, contribution_base = 4416 },
  { person = "F", employer = "One below", month = 2026-09-01, contribution_base = 4416 },
  { person = "G", employer = "One below", month = 2026-09-01, contribution_base = 4416 },
  { person = "H", employer = "One below", month = 2026-09-01, contribution_base = 4000 },
]
finds    = []

[[example]]
why      = "one whose base is not told might be above it"
today    = 2026-11-21
employer = [{ employer = "Shop" }]
contribution = [
  { person = "A", employer = "Shop", month = 2026-09-01, contribution_base = 4416 },
  { person = "B", employer = "Shop", month = 2026-09-01, contribution_base = 4416 },
  { person = "C", employer = "Shop", month = 2026-09-01, contribution_base = 4416 },
  { person = "D", employer = "Shop", month = 2026-09-01 },
]
finds    = []
unknown  = ["Shop"]
*/
select level.employer_key as subject_key,
       level.employer_key,
       open_employer.area,
       open_employer.region,
       case when level.untold = 0 then 'FOUND' else 'UNKNOWN' end as verdict,
       case when level.untold > 0 then 'the base of a part of the staff is not told' end as unknown_because,
       (:period - make_interval(months => :collection_lag_months))::date as month,
       level.staff,
       :contribution_base_floor as floor_yuan,
       open_employer.employer,
       level.contribution
from (
    select counted.employer_key, counted.staff, counted.untold, array_agg(counted.contribution) as contribution
    from (
        select employer_key, contribution,
               count(*) over employers as staff,
               count(*) filter (where contribution_base is null) over employers as untold,
               count(*) filter (where abs(contribution_base - :contribution_base_floor) < 1) over employers as at_floor
        from declared_base
        where month = :period - make_interval(months => :collection_lag_months)
        window employers as (partition by employer_key)
    ) as counted
    where counted.at_floor + counted.untold = counted.staff
      and counted.at_floor >= :floor_staff_min
    group by counted.employer_key, counted.staff, counted.untold
) as level
join open_employer on open_employer.employer_key = level.employer_key
where open_employer.closes_on > :today;
