/*
id         = "U11"
title      = "Closed with its insurance account open, or open with its account closed (单位与参保登记存续状态不符)"
subject    = "employer"
severity   = "medium"
basis      = [
  "社会保险法 第五十七条", "盐城市社会保险扩面征缴三年提升行动计划（2022—2024年） 附件2",
  "荣政办发〔2024〕3号 附件2",
]
needs      = [
  "market_supervision/registration", "market_supervision/cancellation", "human_resources/employer_enrollment",
  "human_resources/enrollment", "human_resources/benefit", "tax/payroll", "public_security/population",
]
misses     = ["human_resources/employer_enrollment", "human_resources/enrollment", "market_supervision/cancellation"]
consults   = ["education/student", "human_resources/insured_elsewhere"]
parameters = ["account_closing_days", "new_hire_grace_days", "student_age_until", "retirement_scheme"]

[[months]]
delivery = "tax/payroll"
first    = ":period - interval '2 months'"
last     = ":period"

[explanation]
zh = "事项 account_open：单位已注销或吊销超过法定三十日，社会保险账户仍正常且有在保职工，请核实人员去向，办理停保、转移和注销登记（吊销未注销的，督促清算并办理变更）。事项 account_closed：单位登记存续，社会保险账户已全部终止、无人参保，却仍在发放工资，请核实是否应恢复参保；同时会被列为已注册未参保，按本条处理。注销日期不明、期限在参保数据截止之后届满的，不作判断。"
en = "Matter account_open: the employer was cancelled or revoked more than the legal thirty days ago, and its insurance account still stands with staff in it: find out where they work and close it (of one revoked and not cancelled, urge the liquidation). Matter account_closed: the register calls the employer open, all its insurance accounts are closed and nobody is enrolled, and yet it pays wages: have it take the insurance up again; that it is registered and not enrolled U01 says too. Where the day of the closing is not told, or its days ended after the enrollments delivered, nothing is said."

[[example]]
why      = "cancelled for months, by the register or by a list, with an account that counts staff or somebody enrolled"
today    = 2026-11-21
employer = [
  { employer = "Shop", status = "cancelled", status_on = 2026-05-01 }, { employer = "Mill" },
  { employer = "Yard", status = "revoked", status_on = 2026-10-01 },
]
employer_closure = [{ employer = "Mill", closed_on = 2026-06-01 }]
employer_account = [{ employer = "Shop", insurance = "injury", headcount = 2 }]
enrollment = [
  { person = "A", employer = "Mill", starts_on = 2020-01-01 }, { person = "B", employer = "Yard", starts_on = 2020-01-01 },
]
finds    = ["Shop/account_open", "Mill/account_open", "Yard/account_open"]

[[example]]
why      = "within thirty days, with an account closed or empty, with staff that left: nothing to be done"
today    = 2026-11-21
employer = [
  { employer = "In time", status = "cancelled", status_on = 2026-10-22 },
  { employer = "In order", status = "cancelled", status_on = 2026-05-01 },
  { employer = "Empty", status = "cancelled", status_on = 2026-05-01 },
]
employer_account = [
  { employer = "In time", headcount = 1 },
  { employer = "In order", state = "closed", headcount = 0 },
  { employer = "Empty", headcount = 0 },
]
enrollment = [
  { person = "A", employer = "In time", starts_on = 2020-01-01 },
  { person = "B", employer = "In order", starts_on = 2020-01-01, ends_on = 2026-05-01, state = "ended" },
]
finds    = []

[[example]]
why      = "the account is closed and wages are paid to somebody whom nobody insures"
today    = 2026-11-21
employer = [{ employer = "Shop" }, { employer = "Suspended" }, { employer = "One left" }, { employer = "Agency's" }, { employer = "Silent" }]
employer_account = [
  { employer = "Shop", insurance = "injury", state = "closed" }, { employer = "Suspended", state = "suspended" },
  { employer = "One left", insurance = "injury", state = "closed" },
  { employer = "One left", insurance = "employee_pension", state = "normal", account_no = "2" },
  { employer = "Agency's", state = "closed" }, { employer = "Silent", state = "closed" },
]
person   = [{ person = "A", birth_on = 1985-01-01 }, { person = "Leased", birth_on = 1985-01-01 }]
payroll  = [
  { person = "A", employer = "Shop", month = 2026-09-01, yuan = 5000 },
  { person = "A", employer = "Shop", month = 2026-10-01, yuan = 5000 },
  { person = "A", employer = "Suspended", month = 2026-09-01, yuan = 5000 },
  { person = "A", employer = "One left", month = 2026-09-01, yuan = 5000 },
  { person = "Leased", employer = "Agency's", month = 2026-09-01, yuan = 5000 },
]
enrollment = [{ person = "Leased", employer = "Agency", starts_on = 2020-01-01 }]
finds    = ["Shop/account_closed"]

[[example]]
why      = "no day of the closing, days that ended after the enrollments delivered, an employee who is new"
today    = 2026-11-21
employer = [
  { employer = "Undated", status = "cancelled" }, { employer = "October", status = "cancelled", status_on = 2026-10-10 },
  { employer = "Hiring" },
]
employer_account = [{ employer = "Hiring", state = "closed" }]
enrollment = [
  { person = "A", employer = "Undated", starts_on = 2020-01-01 }, { person = "B", employer = "October", starts_on = 2020-01-01 },
]
person   = [{ person = "New", birth_on = 1985-01-01 }]
payroll  = [{ person = "New", employer = "Hiring", month = 2026-10-01, yuan = 5000 }]
finds    = []
unknown  = ["Undated/account_open", "October/account_open", "Hiring/account_closed"]
*/
select odd.employer_key as subject_key,
       odd.employer_key,
       odd.matter,
       employer.area,
       employer.region,
       case when odd.doubt is null then 'FOUND' else 'UNKNOWN' end as verdict,
       odd.doubt as unknown_because,
       odd.closed_on,
       odd.persons,
       case when :missing = '' or odd.matter = 'account_open' then 'confirmed' else 'to_be_checked' end as certainty,
       nullif(:missing, '') as not_delivered,
       employer,
       accounts.employer_account
from (
    select closed.employer_key, 'account_open' as matter, closed.closed_on, staffed.persons,
           case when closed.closed_on is null then 'the day of the closing is not told'
                when :data_until - closed.closed_on <= :account_closing_days
                then 'its days to close the account ended after the enrollments delivered' end as doubt
    from closed_employer as closed
    join (
        select employer_key, max(headcount) as persons
        from (
            select employer_key, headcount
            from employer_account
            where kind = 'social_insurance' and state = 'normal' and headcount > 0 and ends_on >= :data_until
            union all
            select employer_key, count(distinct person_key)
            from enrollment
            where state = 'active' and starts_on < :data_until and ends_on >= :data_until
            group by employer_key
        ) as told
        group by employer_key
    ) as staffed on staffed.employer_key = closed.employer_key
    where closed.closed_on is null or :today - closed.closed_on > :account_closing_days
    union all
    select ended.employer_key, 'account_closed', null, staff.employees,
           case when staff.employees = 0
                then 'whether those it pays must be enrolled is not known: newly hired, near retirement or perhaps at school'
           end
    from (
        select employer_key, bool_and(state = 'closed' or ends_on < :data_until) as closed
        from employer_account
        where kind = 'social_insurance'
        group by employer_key
    ) as ended
    join open_employer
        on open_employer.employer_key = ended.employer_key and open_employer.status = 'operating'
       and open_employer.closes_on > :today
    join unenrolled_staff(
        :period, :data_until, :region, :new_hire_grace_days, :student_age_until, :missing, :retirement_scheme
    ) as staff on staff.employer_key = ended.employer_key
    left join (
        select distinct employer_key
        from staffed_employer
        where starts_on < :data_until and ends_on >= :data_until
    ) as staffed on staffed.employer_key = ended.employer_key
    where ended.closed
      and staffed.employer_key is null
) as odd
join employer on employer.employer_key = odd.employer_key
left join (
    select employer_key, array_agg(employer_account) as employer_account
    from employer_account
    where kind = 'social_insurance'
    group by employer_key
) as accounts on accounts.employer_key = odd.employer_key;
