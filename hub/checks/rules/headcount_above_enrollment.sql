/*
id         = "U04"
title      = "More employees taxed than enrolled (未全员参保)"
subject    = "employer"
severity   = "high"
basis      = ["荣政办发〔2024〕3号 措施11", "乌海政发〔2020〕17号 四(二)1、四(四)1", "山东省全面实施全民参保计划工作方案(2018) 二(四)1", "社会保险法 第五十八条"]
needs      = [
  "tax/payroll", "human_resources/enrollment", "human_resources/contribution", "human_resources/benefit",
  "public_security/population", "market_supervision/registration", "market_supervision/cancellation",
]
misses     = ["human_resources/enrollment"]
consults   = ["education/student", "human_resources/insured_elsewhere"]
parameters = ["collection_lag_months", "headcount_gap", "new_hire_grace_days", "student_age_until", "retirement_scheme"]

[[months]]
delivery = "tax/payroll"
first    = ":period - make_interval(months => :collection_lag_months + 1)"
last     = ":period - make_interval(months => :collection_lag_months)"

[[months]]
delivery = "human_resources/contribution"
first    = ":period - make_interval(months => :collection_lag_months)"
last     = ":period"

[explanation]
zh = "单位在征缴数据成熟月份申报工资薪金个税的人员中，未在本单位参保的人数达到“差异较大”标准。已扣除：退休返聘及领取养老待遇、仅有劳务报酬、当月由其他单位参保（含劳务派遣、异地参保）、在校实习、入职三十日内的人员；可能是学生或已到退休年龄的人员不计入。"
en = "Of the persons to whom the employer paid taxed wages, so many are not enrolled there. Left out: pensioners, labor-service income only, persons insured by another employer in the same month (agencies too) or in another place, students, new hires. Who may be a student or past retirement is not counted."

[[example]]
why      = "five are paid, one is enrolled, four are not"
today    = 2026-11-21
employer = [{ employer = "Shop", registered_on = 2015-01-01 }]
person   = [
  { person = "A", birth_on = 1985-01-01 }, { person = "B", birth_on = 1985-01-01 },
  { person = "C", birth_on = 1985-01-01 }, { person = "D", birth_on = 1985-01-01 },
  { person = "E", birth_on = 1985-01-01 },
]
payroll  = [
  { person = "A", employer = "Shop", month = 2026-09-01, yuan = 5000 },
  { person = "B", employer = "Shop", month = 2026-09-01, yuan = 5000 },
  { person = "C", employer = "Shop", month = 2026-09-01, yuan = 5000 },
  { person = "D", employer = "Shop", month = 2026-09-01, yuan = 5000 },
  { person = "E", employer = "Shop", month = 2026-09-01, yuan = 5000 },
]
enrollment = [{ person = "A", employer = "Shop", starts_on = 2020-01-01 }]
finds    = ["Shop"]

[[example]]
why      = "who needs no insurance here is not counted: only two are left, and that is no great difference"
today    = 2026-11-21
employer = [{ employer = "Shop" }]
person   = [
  { person = "Enrolled", birth_on = 1985-01-01 }, { person = "Missing", birth_on = 1985-01-01 },
  { person = "Missing too", birth_on = 1985-01-01 }, { person = "Rehired", birth_on = 1960-01-01 },
  { person = "Agency's", birth_on = 1985-01-01 }, { person = "Lecturer", birth_on = 1985-01-01 },
  { person = "Intern", birth_on = 2005-01-01 }, { person = "Pensioner", birth_on = 1970-01-01 },
  { person = "Contributing", birth_on = 1985-01-01 }, { person = "Bonus only", birth_on = 1985-01-01 },
]
payroll  = [
  { person = "Enrolled", employer = "Shop", month = 2026-09-01, yuan = 5000 },
  { person = "Missing", employer = "Shop", month = 2026-09-01, yuan = 5000 },
  { person = "Missing too", employer = "Shop", month = 2026-09-01, yuan = 5000 },
  { person = "Rehired", employer = "Shop", month = 2026-09-01, yuan = 5000 },
  { person = "Agency's", employer = "Shop", month = 2026-09-01, yuan = 5000 },
  { person = "Lecturer", employer = "Shop", month = 2026-09-01, yuan = 5000, income = "labor_service" },
  { person = "Intern", employer = "Shop", month = 2026-09-01, yuan = 2000 },
  { person = "Pensioner", employer = "Shop", month = 2026-09-01, yuan = 5000 },
  { person = "Contributing", employer = "Shop", month = 2026-09-01, yuan = 5000 },
  { person = "Bonus only", employer = "Shop", month = 2026-09-01, yuan = 5000, income = "bonus" },
]
enrollment = [
  { person = "Enrolled", employer = "Shop", starts_on = 2020-01-01 },
  { person = "Agency's", employer = "Agency", starts_on = 2020-01-01 },
]
contribution = [{ person = "Contributing", employer = "Shop", month = 2026-09-01 }]
benefit  = [{ person = "Pensioner", starts_on = 2020-01-01 }]
life_event = [{ person = "Intern", kind = "studying", happened_on = 2023-09-01, ends_on = 2027-07-01 }]
finds    = []

[[example]]
why      = "hired in September and enrolled in October is in time"
today    = 2026-11-21
parameters = { headcount_gap = 1 }
employer = [{ employer = "Shop" }]
person   = [{ person = "Old hand", birth_on = 1985-01-01 }, { person = "New hand", birth_on = 1985-01-01 }]
payroll  = [
  { person = "Old hand", employer = "Shop", month = 2026-09-01, yuan = 5000 },
  { person = "New hand", employer = "Shop", month = 2026-09-01, yuan = 5000 },
]
enrollment = [
  { person = "Old hand", employer = "Shop", starts_on = 2020-01-01 },
  { person = "New hand", employer = "Shop", starts_on = 2026-10-01 },
]
finds    = []

[[example]]
why      = "insured as a flexible worker, not by the employer, whose duty it is"
today    = 2026-11-21
parameters = { headcount_gap = 1 }
employer = [{ employer = "Shop" }]
person   = [{ person = "Old hand", birth_on = 1985-01-01 }, { person = "Flexible", birth_on = 1985-01-01 }]
payroll  = [
  { person = "Old hand", employer = "Shop", month = 2026-09-01, yuan = 5000 },
  { person = "Flexible", employer = "Shop", month = 2026-08-01, yuan = 5000 },
  { person = "Flexible", employer = "Shop", month = 2026-09-01, yuan = 5000 },
]
enrollment = [
  { person = "Old hand", employer = "Shop", starts_on = 2020-01-01 },
  { person = "Flexible", contributor = "flexible", starts_on = 2020-01-01 },
]
finds    = ["Shop"]

[[example]]
why      = "insured in another place by whoever employs there; flexible here is no such thing"
today    = 2026-11-21
parameters = { headcount_gap = 1 }
employer = [{ employer = "Shop" }]
person   = [{ person = "Old hand", birth_on = 1985-01-01 }, { person = "Posted", birth_on = 1985-01-01 }]
payroll  = [
  { person = "Old hand", employer = "Shop", month = 2026-09-01, yuan = 5000 },
  { person = "Posted", employer = "Shop", month = 2026-08-01, yuan = 5000 },
  { person = "Posted", employer = "Shop", month = 2026-09-01, yuan = 5000 },
]
enrollment = [
  { person = "Old hand", employer = "Shop", starts_on = 2020-01-01 },
  { person = "Posted", starts_on = 2020-01-01, region = "370202" },
]
finds    = []

[[example]]
why      = "nobody enrolled at all is another rule's finding; a closed employer is nobody's"
today    = 2026-11-21
parameters = { headcount_gap = 1 }
employer = [{ employer = "Nobody's" }, { employer = "Closed", status = "cancelled" }]
person   = [{ person = "A", birth_on = 1985-01-01 }, { person = "B", birth_on = 1985-01-01 }, { person = "C", birth_on = 1985-01-01 }]
payroll  = [
  { person = "A", employer = "Nobody's", month = 2026-09-01, yuan = 5000 },
  { person = "B", employer = "Closed", month = 2026-09-01, yuan = 5000 },
  { person = "C", employer = "Closed", month = 2026-09-01, yuan = 5000 },
]
enrollment = [{ person = "C", employer = "Closed", starts_on = 2020-01-01 }]
finds    = []

[[example]]
why      = "whether it is a great difference hangs on a woman of 52 and on one who may be a student"
today    = 2026-11-21
missing  = ["education/student"]
employer = [{ employer = "Shop" }]
person   = [
  { person = "Enrolled", birth_on = 1985-01-01 }, { person = "Missing", birth_on = 1985-01-01 },
  { person = "Woman of 52", birth_on = 1974-06-01, sex = "female" }, { person = "Twenty", birth_on = 2006-06-01 },
]
payroll  = [
  { person = "Enrolled", employer = "Shop", month = 2026-09-01, yuan = 5000 },
  { person = "Missing", employer = "Shop", month = 2026-09-01, yuan = 5000 },
  { person = "Woman of 52", employer = "Shop", month = 2026-09-01, yuan = 5000 },
  { person = "Twenty", employer = "Shop", month = 2026-09-01, yuan = 5000 },
]
enrollment = [{ person = "Enrolled", employer = "Shop", starts_on = 2020-01-01 }]
finds    = []
unknown  = ["Shop"]
*/
select short.employer_key as subject_key,
       short.employer_key,
       open_employer.area,
       open_employer.region,
       short.verdict,
       case when short.verdict = 'UNKNOWN'
            then 'whether persons near retirement age or perhaps in school must be enrolled is not known' end as unknown_because,
       (:period - make_interval(months => :collection_lag_months))::date as month,
       short.taxed,
       short.enrolled,
       short.exempt,
       short.undecided,
       short.not_enrolled,
       case when :missing = '' then 'confirmed' else 'to_be_checked' end as certainty,
       nullif(:missing, '') as not_delivered,
       open_employer.employer,
       short.payroll
from (
    select counted.employer_key, counted.verdict, counted.taxed, counted.enrolled, counted.exempt, counted.undecided,
           counted.not_enrolled,
           array_agg(payroll) filter (where counted.standing = 'not enrolled') as payroll
    from (
        select summed.*,
               case when summed.not_enrolled >= :headcount_gap then 'FOUND' else 'UNKNOWN' end as verdict
        from (
            select employer_key, person_key, standing,
                   count(*) filter (where standing <> 'untaxed') over employers as taxed,
                   count(*) filter (where insured) over employers as enrolled,
                   count(*) filter (where standing = 'exempt') over employers as exempt,
                   count(*) filter (where standing = 'undecided') over employers as undecided,
                   count(*) filter (where standing = 'not enrolled') over employers as not_enrolled
            from (
                select aged.employer_key, aged.person_key, aged.insured,
                       case
                           when not aged.taxed then 'untaxed'
                           when aged.insured then 'enrolled'
                           when aged.insured_at > 0 or pensioner.person_key is not null
                                or retiree.person_key is not null or absent.person_key is not null then 'exempt'
                           when hired.person_key is null
                                and :period - make_interval(months => :collection_lag_months - 1)
                                    + :new_hire_grace_days * interval '1 day' > :data_until then 'exempt'
                           when aged.months_of_age is null or aged.working_until is null then 'undecided'
                           when aged.months_of_age > greatest(aged.working_until, aged.undetermined_until) then 'exempt'
                           when aged.months_of_age > aged.working_until then 'undecided'
                           when aged.months_of_age < :student_age_until * 12
                                and position('education/student' in :missing) > 0 then 'undecided'
                           else 'not enrolled'
                       end as standing
                from (
                    select pairs.*, person.birth_on,
                           months(:period) - months(person.birth_on) as months_of_age,
                           scheme.working_until
                           + greatest(0, least(scheme.cap, (months(person.birth_on) - months(scheme.first)
                                                            + scheme.step) / scheme.step)) as working_until,
                           scheme.undetermined_until
                    from (
                        -- every pair of employer and person, taxed or insured; how many employers insure the person
                        select employer_key, person_key, taxed, insured,
                               count(*) filter (where insured) over (partition by person_key) as insured_at
                        from (
                            select employer_key, person_key, bool_or(taxed) as taxed, bool_or(insured) as insured
                            from (
                                select employer_key, person_key, true as taxed, false as insured
                                from wage
                                where month = :period - make_interval(months => :collection_lag_months)
                                union all
                                -- without an employer, but in another place: whoever employs the person there
                                select employer_key, person_key, false, true
                                from pension_spell
                                where insurance <> 'resident_pension' and state in ('active', 'ended')
                                  and (employer_key <> '00000000-0000-0000-0000-000000000000' or region <> :region)
                                  and starts_on < :data_until
                                  and ends_on > :period - make_interval(months => :collection_lag_months)
                                union all
                                select employer_key, person_key, false, true
                                from pension_month
                                where employer_key <> '00000000-0000-0000-0000-000000000000'
                                  and month between :period - make_interval(months => :collection_lag_months) and :period
                            ) as said
                            group by employer_key, person_key
                        ) as merged
                    ) as pairs
                    left join person on person.person_key = pairs.person_key
                    left join jsonb_to_recordset(:retirement_scheme)
                        as scheme (sex text, working_until integer, first date, step integer, cap integer,
                                   undetermined_until integer)
                        on scheme.sex = person.sex
                ) as aged
                left join pensioner on pensioner.person_key = aged.person_key
                left join retiree on retiree.person_key = aged.person_key
                left join (
                    select distinct person_key
                    from absence
                    where kind in ('death', 'cremation', 'studying')
                      and ends_on > :period - make_interval(months => :collection_lag_months)
                ) as absent on absent.person_key = aged.person_key
                -- was paid by this employer the month before: no new hire
                left join (
                    select distinct employer_key, person_key
                    from wage
                    where month = :period - make_interval(months => :collection_lag_months + 1)
                ) as hired on hired.employer_key = aged.employer_key and hired.person_key = aged.person_key
            ) as standing
            window employers as (partition by employer_key)
        ) as summed
        where summed.enrolled > 0
          and summed.not_enrolled + summed.undecided >= :headcount_gap
    ) as counted
    join payroll
        on payroll.employer_key = counted.employer_key and payroll.person_key = counted.person_key
       and payroll.month = :period - make_interval(months => :collection_lag_months) and payroll.income = 'wage'
    group by counted.employer_key, counted.verdict, counted.taxed, counted.enrolled, counted.exempt, counted.undecided,
             counted.not_enrolled
) as short
join open_employer on open_employer.employer_key = short.employer_key
where open_employer.closes_on > :today;
