/*
id         = "U24"
title      = "New hires not enrolled in time (新入职、试用期人员未及时参保)"
subject    = "employer"
severity   = "medium"
basis      = [
  "乌海政发〔2020〕17号 四(四)1", "山东省全面实施全民参保计划工作方案(2018) 二(四)1", "社会保险法 第五十八条",
]
needs      = [
  "tax/payroll", "human_resources/enrollment", "human_resources/employer_enrollment", "human_resources/benefit",
  "market_supervision/registration", "market_supervision/cancellation", "public_security/population",
]
misses     = ["human_resources/enrollment", "market_supervision/cancellation"]
consults   = ["human_resources/employment_registration", "education/student", "human_resources/insured_elsewhere"]
parameters = ["new_hire_grace_days", "probation_months", "student_age_until", "retirement_scheme"]

[[months]]
delivery = "tax/payroll"
first    = ":period - make_interval(months => :probation_months)"
last     = ":period"

[explanation]
zh = "单位已有职工参保，但近月（试用期最长期限内）首次发放工资的新入职人员，自用工之日起超过三十日仍没有由任何单位（含异地）参加任何职工社会保险。用工之日以首个工资月份的月末计，就业登记日期更早的以登记日期计；本月已无工资的不计入。与“未全员参保”的区别：那一条看全体职工的人数差异，本条只看新入职人员，一人即列出；全单位无人参保的由其他规则列出。退休、在校人员不计入；可能在校、处于岗位退休年龄区间的不计入，仅有此类人员时不作判断；非全日制用工请核实。试用期不影响参保义务，请督促单位补办。"
en = "The employer has staff enrolled, and pays somebody whose first wage there lies within the months of the longest probation, who was hired more than thirty days ago and whom no employer, here or elsewhere, has in any insurance of employees. The day of hiring is the last of the first month paid, or the day registered where that is earlier. Unlike U04, which weighs the difference over the whole staff, this looks at new hires only, and one is enough; where nobody is enrolled at all, other rules say so. Who may be a student or near retirement is not counted; verify part-time workers. Probation does not put off the duty: have them enrolled."

[[example]]
why      = "first paid in August or in September and in no insurance; the one hired in October has days left"
today    = 2026-11-21
employer = [{ employer = "Shop" }, { employer = "Hiring" }]
person   = [
  { person = "August", birth_on = 1990-01-01 }, { person = "September", birth_on = 1990-01-01 },
  { person = "October", birth_on = 1990-01-01 },
]
enrollment = [
  { person = "Old hand", employer = "Shop", starts_on = 2020-01-01 },
  { person = "Old hand too", employer = "Hiring", starts_on = 2020-01-01 },
  { person = "August", contributor = "flexible", starts_on = 2020-01-01 },
  { person = "September", insurance = "resident_pension", starts_on = 2020-01-01 },
]
payroll  = [
  { person = "August", employer = "Shop", month = 2026-08-01, yuan = 5000 },
  { person = "August", employer = "Shop", month = 2026-10-01, yuan = 5000 },
  { person = "September", employer = "Shop", month = 2026-09-01, yuan = 5000 },
  { person = "September", employer = "Shop", month = 2026-10-01, yuan = 5000 },
  { person = "October", employer = "Hiring", month = 2026-10-01, yuan = 5000 },
]
finds    = ["Shop"]

[[example]]
why      = "registered as hired in September, first paid in October: the thirty days are over"
today    = 2026-11-21
employer = [{ employer = "Shop" }, { employer = "Mill" }]
person   = [{ person = "A", birth_on = 1990-01-01 }, { person = "B", birth_on = 1990-01-01 }]
enrollment = [
  { person = "Old hand", employer = "Shop", starts_on = 2020-01-01 },
  { person = "Old hand too", employer = "Mill", starts_on = 2020-01-01 },
]
employment = [
  { person = "A", employer = "Shop", kind = "labor_contract", starts_on = 2026-09-20, state = "active" },
  { person = "B", employer = "Mill", kind = "labor_contract", starts_on = 2026-10-20, state = "active" },
]
payroll  = [
  { person = "A", employer = "Shop", month = 2026-10-01, yuan = 5000 },
  { person = "B", employer = "Mill", month = 2026-10-01, yuan = 5000 },
]
finds    = ["Shop"]

[[example]]
why      = "enrolled by anyone, retired, at school, no longer paid, long there, nobody enrolled at all, a closed employer: not found"
today    = 2026-11-21
employer = [{ employer = "Shop" }, { employer = "Nobody's" }, { employer = "Closed", status = "cancelled" }]
person   = [
  { person = "Prompt", birth_on = 1990-01-01 }, { person = "Agency's", birth_on = 1990-01-01 },
  { person = "Posted", birth_on = 1990-01-01 }, { person = "Rehired", birth_on = 1960-01-01 },
  { person = "Student", birth_on = 2005-01-01 }, { person = "Left", birth_on = 1990-01-01 },
  { person = "Long there", birth_on = 1990-01-01 }, { person = "Alone", birth_on = 1990-01-01 },
  { person = "Orphaned", birth_on = 1990-01-01 },
]
enrollment = [
  { person = "Old hand", employer = "Shop", starts_on = 2020-01-01 },
  { person = "Prompt", employer = "Shop", insurance = "injury", starts_on = 2026-10-01 },
  { person = "Agency's", employer = "Agency", starts_on = 2026-08-01 },
  { person = "Posted", starts_on = 2026-08-01, region = "370202" },
  { person = "Old hand too", employer = "Closed", starts_on = 2020-01-01 },
]
benefit  = [{ person = "Rehired", starts_on = 2020-01-01 }]
life_event = [{ person = "Student", kind = "studying", happened_on = 2024-09-01, ends_on = 2028-07-01 }]
payroll  = [
  { person = "Prompt", employer = "Shop", month = 2026-08-01, yuan = 5000 },
  { person = "Prompt", employer = "Shop", month = 2026-10-01, yuan = 5000 },
  { person = "Agency's", employer = "Shop", month = 2026-08-01, yuan = 5000 },
  { person = "Agency's", employer = "Shop", month = 2026-10-01, yuan = 5000 },
  { person = "Posted", employer = "Shop", month = 2026-08-01, yuan = 5000 },
  { person = "Posted", employer = "Shop", month = 2026-10-01, yuan = 5000 },
  { person = "Rehired", employer = "Shop", month = 2026-08-01, yuan = 5000 },
  { person = "Rehired", employer = "Shop", month = 2026-10-01, yuan = 5000 },
  { person = "Student", employer = "Shop", month = 2026-08-01, yuan = 5000 },
  { person = "Student", employer = "Shop", month = 2026-10-01, yuan = 5000 },
  { person = "Left", employer = "Shop", month = 2026-08-01, yuan = 5000 },
  { person = "Long there", employer = "Shop", month = 2026-04-01, yuan = 5000 },
  { person = "Long there", employer = "Shop", month = 2026-10-01, yuan = 5000 },
  { person = "Alone", employer = "Nobody's", month = 2026-08-01, yuan = 5000 },
  { person = "Alone", employer = "Nobody's", month = 2026-10-01, yuan = 5000 },
  { person = "Orphaned", employer = "Closed", month = 2026-08-01, yuan = 5000 },
  { person = "Orphaned", employer = "Closed", month = 2026-10-01, yuan = 5000 },
]
finds    = []

[[example]]
why      = "the only new hires may be at school, or past the age at which her post retires"
today    = 2026-11-21
missing  = ["education/student"]
employer = [{ employer = "Shop" }, { employer = "Mill" }]
person   = [{ person = "Twenty", birth_on = 2006-01-01 }, { person = "Woman of 52", birth_on = 1974-06-01, sex = "female" }]
enrollment = [
  { person = "Old hand", employer = "Shop", starts_on = 2020-01-01 },
  { person = "Old hand too", employer = "Mill", starts_on = 2020-01-01 },
]
payroll  = [
  { person = "Twenty", employer = "Shop", month = 2026-08-01, yuan = 5000 },
  { person = "Twenty", employer = "Shop", month = 2026-10-01, yuan = 5000 },
  { person = "Woman of 52", employer = "Mill", month = 2026-08-01, yuan = 5000 },
  { person = "Woman of 52", employer = "Mill", month = 2026-10-01, yuan = 5000 },
]
finds    = []
unknown  = ["Shop", "Mill"]
*/
select late.employer_key as subject_key,
       late.employer_key,
       open_employer.area,
       open_employer.region,
       case when late.not_enrolled > 0 then 'FOUND' else 'UNKNOWN' end as verdict,
       case when late.not_enrolled = 0
            then 'whether they are near retirement or perhaps at school is not known' end as unknown_because,
       late.not_enrolled,
       late.undecided,
       late.hired_first,
       case when :missing = '' then 'confirmed' else 'to_be_checked' end as certainty,
       nullif(:missing, '') as not_delivered,
       open_employer.employer,
       late.payroll
from (
    select hire.employer_key,
           count(*) filter (where hire.certain) as not_enrolled,
           count(*) filter (where not hire.certain and hire.of_age is not false) as undecided,
           min(hire.hired_by) filter (where hire.certain) as hired_first,
           array_agg(payroll) filter (where hire.certain) as payroll
    from (
        select aged.employer_key, aged.person_key, aged.hired_by, aged.of_age,
               coalesce(aged.of_age, false)
               and not (aged.young and position('education/student' in :missing) > 0) as certain
        from (
            select new.employer_key, new.person_key, new.hired_by,
                   of_working_age(person.birth_on, person.sex, :period, :retirement_scheme) as of_age,
                   person.birth_on > :period - make_interval(years => :student_age_until) as young
            from (
                -- the last day of the first month paid, or the day registered where that is earlier
                select paid.employer_key, paid.person_key,
                       least((paid.since + interval '1 month' - interval '1 day')::date, registered.since) as hired_by
                from (
                    select employer_key, person_key, min(month) as since, max(month) as until
                    from wage
                    where month between :period - make_interval(months => :probation_months) and :period
                    group by employer_key, person_key
                ) as paid
                left join (
                    select employer_key, person_key, min(starts_on) as since
                    from employment
                    where kind in ('hire', 'labor_contract') and state is distinct from 'ended' and ends_on >= :data_until
                    group by employer_key, person_key
                ) as registered
                    on registered.employer_key = paid.employer_key and registered.person_key = paid.person_key
                where paid.since > :period - make_interval(months => :probation_months)
                  and paid.until = :period
            ) as new
            left join (
                select distinct person_key
                from employee_spell
                where (employer_key <> '00000000-0000-0000-0000-000000000000' or region <> :region)
                  and starts_on < :data_until and ends_on > :period
            ) as insured on insured.person_key = new.person_key
            left join (
                select distinct person_key from exempt_worker where ends_on > :period
            ) as exempt on exempt.person_key = new.person_key
            -- who owns an individual business is nobody's employee there
            left join employer as owned
                on owned.employer_key = new.employer_key and owned.kind = 'individual_business'
               and owned.legal_representative_key = new.person_key
            left join person on person.person_key = new.person_key
            where insured.person_key is null
              and exempt.person_key is null
              and owned.employer_key is null
              and new.hired_by + :new_hire_grace_days < :data_until
        ) as aged
    ) as hire
    -- has others enrolled: where nobody is, other rules say so
    join (
        select distinct employer_key
        from staffed_employer
        where starts_on < :data_until and ends_on >= :data_until
    ) as staffed on staffed.employer_key = hire.employer_key
    -- shown as evidence: the wages of the last month
    join payroll
        on payroll.employer_key = hire.employer_key and payroll.person_key = hire.person_key
       and payroll.month = :period and payroll.income = 'wage'
    group by hire.employer_key
) as late
join open_employer on open_employer.employer_key = late.employer_key
where late.not_enrolled + late.undecided > 0
  and open_employer.closes_on > :today;
