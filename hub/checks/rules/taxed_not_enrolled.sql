/*
id         = "U03"
title      = "Operating and paying wages, nobody enrolled (已纳税未参保)"
subject    = "employer"
severity   = "high"
basis      = [
  "乌海政发〔2020〕17号 四(四)1、五(二)3", "山东省全面实施全民参保计划工作方案(2018) 二(四)1",
  "盐城市社会保险扩面征缴三年提升行动计划（2022—2024年） 三(三)1", "社会保险法 第五十八条",
]
needs      = [
  "tax/registration", "tax/payroll", "human_resources/employer_enrollment", "human_resources/enrollment",
  "human_resources/benefit", "medical_insurance/employer_enrollment", "medical_insurance/employee_enrollment",
  "market_supervision/registration", "market_supervision/cancellation", "public_security/population",
]
misses     = [
  "human_resources/employer_enrollment", "human_resources/enrollment", "medical_insurance/employer_enrollment",
  "medical_insurance/employee_enrollment", "market_supervision/cancellation",
]
consults   = ["education/student", "human_resources/insured_elsewhere"]
parameters = ["normal_operation", "new_hire_grace_days", "student_age_until", "retirement_scheme"]

[[months]]
delivery = "tax/payroll"
first    = ":period - make_interval(months => greatest((:normal_operation ->> 'wage_months')::integer, 3) - 1)"
last     = ":period"

[explanation]
zh = "税务登记状态正常、连续申报职工工资薪金个税（“正常经营、正常纳税”），但没有任何职工参加任何一项职工社会保险的单位。按事项分列：养老等由人社部门督促，医疗由医保部门督促。与“已注册未参保”的区别是：本条有纳税和工资为证，未在本地市场监管登记的单位也能看出。职工均由其他单位或在异地参保、退休返聘、在校学生的不算；个体工商户、机关事业单位另行判断；分支机构和未在本地登记的可能在别处参保，不作判断。"
en = "The tax bureau calls the employer's registration normal and has its wages declared month after month; nobody is enrolled with it in any insurance of employees. Two matters, because two bureaus act: pension (with injury and unemployment), and medical care. Unlike U01 it rests on wages paid. Staff insured by another employer or in another place, pensioners and students do not count; individual businesses and public institutions are judged by other rules; branches and employers not registered here may be insured elsewhere and are not judged."

[[example]]
why      = "three months of wages, a normal state, and nobody enrolled"
today    = 2026-11-21
employer = [{ employer = "Shop" }, { employer = "Abnormal" }, { employer = "Two months" }]
employer_account = [
  { employer = "Shop", kind = "tax" }, { employer = "Abnormal", kind = "tax", state = "abnormal" },
  { employer = "Two months", kind = "tax" },
]
person   = [
  { person = "A", birth_on = 1985-01-01 }, { person = "B", birth_on = 1985-01-01 }, { person = "C", birth_on = 1985-01-01 },
]
payroll  = [
  { person = "A", employer = "Shop", month = 2026-08-01, yuan = 5000 },
  { person = "A", employer = "Shop", month = 2026-09-01, yuan = 5000 },
  { person = "A", employer = "Shop", month = 2026-10-01, yuan = 5000 },
  { person = "B", employer = "Abnormal", month = 2026-08-01, yuan = 5000 },
  { person = "B", employer = "Abnormal", month = 2026-09-01, yuan = 5000 },
  { person = "B", employer = "Abnormal", month = 2026-10-01, yuan = 5000 },
  { person = "C", employer = "Two months", month = 2026-09-01, yuan = 5000 },
  { person = "C", employer = "Two months", month = 2026-10-01, yuan = 5000 },
]
finds    = ["Shop/pension", "Shop/medical"]

[[example]]
why      = "somebody enrolled in anything, a closed employer, an individual business, a school, or staff that others insure"
today    = 2026-11-21
parameters = { normal_operation = { states = ["normal"], wage_months = 1 } }
employer = [
  { employer = "Injury only" }, { employer = "Medical only" }, { employer = "Closed", status = "cancelled" },
  { employer = "Noodles", kind = "individual_business" }, { employer = "School", kind = "public_institution" },
  { employer = "Leased staff" }, { employer = "Rehires" },
]
employer_account = [
  { employer = "Injury only", kind = "tax" }, { employer = "Medical only", kind = "tax" },
  { employer = "Closed", kind = "tax" }, { employer = "Noodles", kind = "tax" },
  { employer = "School", kind = "tax" }, { employer = "Leased staff", kind = "tax" }, { employer = "Rehires", kind = "tax" },
]
person   = [{ person = "A", birth_on = 1985-01-01 }, { person = "Leased", birth_on = 1985-01-01 }, { person = "Old", birth_on = 1955-01-01 }]
payroll  = [
  { person = "A", employer = "Injury only", month = 2026-09-01, yuan = 5000 },
  { person = "A", employer = "Injury only", month = 2026-10-01, yuan = 5000 },
  { person = "A", employer = "Medical only", month = 2026-09-01, yuan = 5000 },
  { person = "A", employer = "Medical only", month = 2026-10-01, yuan = 5000 },
  { person = "A", employer = "Closed", month = 2026-09-01, yuan = 5000 },
  { person = "A", employer = "Closed", month = 2026-10-01, yuan = 5000 },
  { person = "A", employer = "Noodles", month = 2026-09-01, yuan = 5000 },
  { person = "A", employer = "Noodles", month = 2026-10-01, yuan = 5000 },
  { person = "A", employer = "School", month = 2026-09-01, yuan = 5000 },
  { person = "A", employer = "School", month = 2026-10-01, yuan = 5000 },
  { person = "Leased", employer = "Leased staff", month = 2026-09-01, yuan = 5000 },
  { person = "Leased", employer = "Leased staff", month = 2026-10-01, yuan = 5000 },
  { person = "Old", employer = "Rehires", month = 2026-09-01, yuan = 5000 },
  { person = "Old", employer = "Rehires", month = 2026-10-01, yuan = 5000 },
]
enrollment = [
  { person = "B", employer = "Injury only", insurance = "injury", starts_on = 2020-01-01 },
  { person = "B", employer = "Medical only", insurance = "employee_medical", starts_on = 2020-01-01 },
  { person = "Leased", employer = "Agency", starts_on = 2020-01-01 },
]
benefit  = [{ person = "Old", starts_on = 2015-01-01 }]
finds    = []

[[example]]
why      = "a branch, one not registered here, one whose only employee is new: not for the data to decide"
today    = 2026-11-21
parameters = { normal_operation = { states = ["normal"], wage_months = 1 } }
employer = [{ employer = "Branch", kind = "branch" }, { employer = "Stranger", status = "introduced" }, { employer = "Hiring" }]
employer_account = [
  { employer = "Branch", kind = "tax" }, { employer = "Stranger", kind = "tax" }, { employer = "Hiring", kind = "tax" },
]
person   = [{ person = "A", birth_on = 1985-01-01 }, { person = "New", birth_on = 1985-01-01 }]
payroll  = [
  { person = "A", employer = "Branch", month = 2026-09-01, yuan = 5000 },
  { person = "A", employer = "Branch", month = 2026-10-01, yuan = 5000 },
  { person = "A", employer = "Stranger", month = 2026-09-01, yuan = 5000 },
  { person = "A", employer = "Stranger", month = 2026-10-01, yuan = 5000 },
  { person = "New", employer = "Hiring", month = 2026-10-01, yuan = 5000 },
]
finds    = []
unknown  = [
  "Branch/pension", "Branch/medical", "Stranger/pension", "Stranger/medical", "Hiring/pension", "Hiring/medical",
]
*/
select bare.employer_key as subject_key,
       bare.employer_key,
       matters.matter,
       bare.area,
       bare.region,
       case when bare.doubt is null then 'FOUND' else 'UNKNOWN' end as verdict,
       bare.doubt as unknown_because,
       bare.employees as employees_taxed,
       case when :missing = '' then 'confirmed' else 'to_be_checked' end as certainty,
       nullif(:missing, '') as not_delivered,
       bare.employer,
       bare.payroll
from (
    select lacking.employer_key, lacking.area, lacking.region, lacking.doubt, lacking.employees,
           (array_agg(lacking.employer))[1] as employer,
           array_agg(payroll) as payroll
    from (
        select trading.*, staff.employees,
               case
                   when trading.kind in ('branch', 'other')
                       then 'perhaps insured through its head office'
                   when trading.status = 'introduced'
                       then 'not registered here: perhaps insured in another place'
                   when staff.employees = 0
                       then 'whether those it pays must be enrolled is not known: newly hired, near retirement or perhaps at school'
               end as doubt
        from (
            select employer_key, area, region, kind, status, employer
            from open_employer
            where closes_on > :today and kind not in ('individual_business', 'public_institution')
        ) as trading
        join (
            select distinct employer_account.employer_key
            from employer_account
            join (
                select jsonb_array_elements_text(:normal_operation -> 'states') as state
            ) as normal on normal.state = employer_account.state
            where employer_account.kind = 'tax' and employer_account.ends_on >= :data_until
        ) as taxed on taxed.employer_key = trading.employer_key
        join (
            select employer_key, count(distinct month) as months
            from wage
            where month between :period - make_interval(months => (:normal_operation ->> 'wage_months')::integer - 1)
                            and :period
            group by employer_key
        ) as paying on paying.employer_key = trading.employer_key
                   and paying.months = (:normal_operation ->> 'wage_months')::integer
        left join (
            select distinct employer_key
            from staffed_employer
            where starts_on < :data_until and ends_on >= :data_until
        ) as staffed on staffed.employer_key = trading.employer_key
        -- whom it pays and nobody insures, and of these who must be enrolled for certain
        join unenrolled_staff(
            :period, :data_until, :region, :new_hire_grace_days, :student_age_until, :missing, :retirement_scheme
        ) as staff on staff.employer_key = trading.employer_key
        where staffed.employer_key is null
    ) as lacking
    -- shown as evidence: the wages of the last month
    join payroll
        on payroll.employer_key = lacking.employer_key and payroll.month = :period and payroll.income = 'wage'
    group by lacking.employer_key, lacking.area, lacking.region, lacking.doubt, lacking.employees
) as bare
cross join (values ('pension'), ('medical')) as matters (matter);
