/*
id         = "U08"
title      = "Paying into the housing provident fund, not enrolled (已缴公积金未参保)"
subject    = "employer"
severity   = "high"
basis      = ["盐城市社会保险扩面征缴三年提升行动计划（2022—2024年） 三(三)1", "社会保险法 第十条、第二十三条、第五十八条"]
needs      = [
  "housing/provident_fund_employer", "housing/provident_fund_person", "tax/payroll", "human_resources/enrollment",
  "human_resources/benefit", "medical_insurance/employee_enrollment", "market_supervision/registration",
  "market_supervision/cancellation", "public_security/population",
]
misses     = ["human_resources/enrollment", "medical_insurance/employee_enrollment", "market_supervision/cancellation"]
consults   = ["human_resources/insured_elsewhere"]
parameters = ["collection_lag_months", "new_hire_grace_days", "retirement_scheme"]

[[months]]
delivery = "tax/payroll"
first    = ":period - interval '2 months'"
last     = ":period - interval '1 month'"

[explanation]
zh = "单位正在为职工缴存住房公积金（账户正常、近月有缴存），而这些职工没有由任何单位参加职工养老保险（事项 pension）或职工医疗保险（事项 medical），含派遣单位、异地单位参保的均已扣除；个人以灵活就业身份参保的，单位的参保义务不变。入职三十日内、退休返聘、在校等人员不计入；入职时间无工资可证、年龄处于岗位退休区间的不计入，仅有此类人员时不作判断。请单位核对名单，为职工办理参保。"
en = "The employer pays into the housing provident fund for staff whom no employer, here or elsewhere, has enrolled in the employees' pension (matter pension) or in employees' medical insurance (matter medical). Own insurance as a flexible worker does not free the employer. New hires, pensioners and students are not counted, nor is anybody of whom no earlier wage shows since when they work there. Have the employer go through the list and enroll them."

[[example]]
why      = "two have a fund account: one is in both insurances, the other in neither; a third has no medical insurance"
today    = 2026-11-21
employer = [{ employer = "Shop" }, { employer = "Mill" }]
person   = [
  { person = "Insured", birth_on = 1985-01-01 }, { person = "Missing", birth_on = 1985-01-01 },
  { person = "No medical", birth_on = 1985-01-01 },
]
provident_fund = [
  { person = "Insured", employer = "Shop", paid_until = 2026-10-01 },
  { person = "Missing", employer = "Shop", paid_until = 2026-09-01 },
  { person = "No medical", employer = "Mill", paid_until = 2026-10-01 },
]
payroll  = [
  { person = "Insured", employer = "Shop", month = 2026-09-01, yuan = 5000 },
  { person = "Missing", employer = "Shop", month = 2026-09-01, yuan = 5000 },
  { person = "No medical", employer = "Mill", month = 2026-08-01, yuan = 5000 },
]
enrollment = [
  { person = "Insured", employer = "Shop", starts_on = 2020-01-01 },
  { person = "Insured", employer = "Shop", insurance = "employee_medical", starts_on = 2020-01-01 },
  { person = "Missing", insurance = "resident_pension", starts_on = 2020-01-01 },
  { person = "No medical", employer = "Mill", insurance = "organ_pension", starts_on = 2020-01-01 },
]
finds    = ["Shop/pension", "Shop/medical", "Mill/medical"]

[[example]]
why      = "insured by an agency or elsewhere, an old or sealed account, a pensioner, a closed employer, an owner alone: not found"
today    = 2026-11-21
employer = [
  { employer = "Shop" }, { employer = "Closed", status = "cancelled" },
  { employer = "Own account", kind = "individual_business", legal_representative = "Owner" },
]
person   = [
  { person = "Leased", birth_on = 1985-01-01 }, { person = "Posted", birth_on = 1985-01-01 },
  { person = "Left", birth_on = 1985-01-01 }, { person = "Sealed", birth_on = 1985-01-01 },
  { person = "Pensioner", birth_on = 1960-01-01 }, { person = "Past sixty", birth_on = 1962-01-01 },
  { person = "Orphaned", birth_on = 1985-01-01 }, { person = "Owner", birth_on = 1985-01-01 },
]
provident_fund = [
  { person = "Leased", employer = "Shop", paid_until = 2026-10-01 },
  { person = "Posted", employer = "Shop", paid_until = 2026-10-01 },
  { person = "Left", employer = "Shop", paid_until = 2026-08-01 },
  { person = "Sealed", employer = "Shop", paid_until = 2026-10-01, state = "sealed" },
  { person = "Pensioner", employer = "Shop", paid_until = 2026-10-01 },
  { person = "Past sixty", employer = "Shop", paid_until = 2026-10-01 },
  { person = "Orphaned", employer = "Closed", paid_until = 2026-10-01 },
  { person = "Owner", employer = "Own account", paid_until = 2026-10-01 },
]
payroll  = [
  { person = "Left", employer = "Shop", month = 2026-08-01, yuan = 5000 },
  { person = "Sealed", employer = "Shop", month = 2026-08-01, yuan = 5000 },
  { person = "Pensioner", employer = "Shop", month = 2026-09-01, yuan = 5000 },
  { person = "Past sixty", employer = "Shop", month = 2026-09-01, yuan = 5000 },
  { person = "Orphaned", employer = "Closed", month = 2026-09-01, yuan = 5000 },
  { person = "Owner", employer = "Own account", month = 2026-09-01, yuan = 5000 },
]
enrollment = [
  { person = "Leased", employer = "Agency", starts_on = 2020-01-01 },
  { person = "Leased", employer = "Agency", insurance = "employee_medical", starts_on = 2020-01-01 },
  { person = "Posted", starts_on = 2020-01-01, region = "370202" },
  { person = "Posted", insurance = "employee_medical", starts_on = 2020-01-01, region = "370202" },
]
benefit  = [{ person = "Pensioner", starts_on = 2015-01-01 }]
finds    = []

[[example]]
why      = "no earlier wage shows since when she works there, and for a woman of 52 the age depends on the post"
today    = 2026-11-21
employer = [{ employer = "Shop" }, { employer = "Mill" }]
person   = [{ person = "New", birth_on = 1985-01-01 }, { person = "Woman of 52", birth_on = 1974-06-01, sex = "female" }]
provident_fund = [
  { person = "New", employer = "Shop", paid_until = 2026-10-01 },
  { person = "Woman of 52", employer = "Mill", paid_until = 2026-10-01 },
]
payroll  = [
  { person = "New", employer = "Shop", month = 2026-10-01, yuan = 5000 },
  { person = "Woman of 52", employer = "Mill", month = 2026-09-01, yuan = 5000 },
]
enrollment = [{ person = "Woman of 52", employer = "Mill", insurance = "employee_medical", starts_on = 2020-01-01 }]
finds    = []
unknown  = ["Shop/pension", "Shop/medical", "Mill/pension"]
*/
select short.employer_key as subject_key,
       short.employer_key,
       short.matter,
       open_employer.area,
       open_employer.region,
       case when short.not_enrolled > 0 then 'FOUND' else 'UNKNOWN' end as verdict,
       case when short.not_enrolled = 0
            then 'since when they work there is not known, or whether they are retired' end as unknown_because,
       short.paying,
       short.not_enrolled,
       case when :missing = '' then 'confirmed' else 'to_be_checked' end as certainty,
       nullif(:missing, '') as not_delivered,
       open_employer.employer,
       short.provident_fund
from (
    select employer_key, matter,
           max(paying) as paying,
           count(*) filter (where of_age and hired) as not_enrolled,
           count(*) filter (where of_age is not false) as perhaps,
           array_agg(provident_fund) filter (where of_age and hired) as provident_fund
    from (
        select lacking.employer_key, lacking.matter, lacking.paying, lacking.provident_fund,
               hired.person_key is not null as hired,
               of_working_age(person.birth_on, person.sex, :period, :retirement_scheme) as of_age
        from (
            select account.*, matters.matter
            from (
                select employer_key, person_key, provident_fund, count(*) over (partition by employer_key) as paying
                from provident_fund
                where state = 'normal'
                  and paid_until >= :period - make_interval(months => :collection_lag_months)
            ) as account
            cross join (values ('pension'), ('medical')) as matters (matter)
            left join (
                select distinct person_key,
                       case when insurance = 'employee_medical' then 'medical' else 'pension' end as matter
                from employee_spell
                where insurance in ('employee_pension', 'organ_pension', 'employee_medical')
                  and (employer_key <> '00000000-0000-0000-0000-000000000000' or region <> :region)
                  and starts_on < :data_until and ends_on >= :data_until
            ) as insured on insured.person_key = account.person_key and insured.matter = matters.matter
            left join (
                select distinct person_key from exempt_worker where ends_on >= :data_until
            ) as exempt on exempt.person_key = account.person_key
            where insured.person_key is null
              and exempt.person_key is null
        ) as lacking
        left join person on person.person_key = lacking.person_key
        -- paid by it in a month since which the days to enroll a new employee are over
        left join (
            select distinct employer_key, person_key
            from wage
            where month >= :period - interval '2 months'
              and month + interval '1 month' + :new_hire_grace_days * interval '1 day' <= :data_until
        ) as hired on hired.employer_key = lacking.employer_key and hired.person_key = lacking.person_key
        -- who owns an individual business is nobody's employee there
        left join employer as owned
            on owned.employer_key = lacking.employer_key and owned.kind = 'individual_business'
           and owned.legal_representative_key = lacking.person_key
        where owned.employer_key is null
    ) as counted
    group by employer_key, matter
) as short
join open_employer on open_employer.employer_key = short.employer_key
where short.perhaps > 0
  and open_employer.closes_on > :today;
