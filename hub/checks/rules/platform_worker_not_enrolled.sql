/*
id         = "P21"
title      = "Works flexibly or on a platform, in no pension insurance (灵活就业、新业态人员未参保)"
subject    = "person"
severity   = "low"
whole      = "it asks whether a business has staff, whoever they are"
basis      = [
  "荣政办发〔2024〕3号 措施4", "乌海政发〔2020〕17号 四(一)2、四(五)3", "山东省全面实施全民参保计划工作方案(2018) 二(二)1",
  "盐城市社会保险扩面征缴三年提升行动计划 三(一)2", "社会保险法 第十条第二款",
]
needs      = [
  "public_security/population", "public_security/change", "civil_affairs/cremation", "human_resources/enrollment",
  "human_resources/resident_pension", "human_resources/contribution", "human_resources/benefit",
]
misses     = [
  "human_resources/enrollment", "human_resources/resident_pension", "human_resources/contribution",
  "human_resources/benefit", "public_security/change", "civil_affairs/cremation",
]
consults   = [
  "transport/ride_hailing_driver", "transport/courier", "commerce/shop_owner",
  "human_resources/employment_registration", "market_supervision/registration", "market_supervision/cancellation",
  "tax/payroll", "education/student", "justice/sentence", "human_resources/insured_elsewhere",
]
parameters = ["working_age_from", "student_age_until", "retirement_scheme"]

[explanation]
zh = "网约车驾驶员、电商从业人员、没有用人单位的快递员、登记为灵活就业的人员，以及没有雇工的个体工商户经营者，未参加任何养老保险。这些人员没有强制参保义务，可以以灵活就业人员身份参加企业职工养老保险（不受户籍限制），或参加居民养老保险：请宣传动员、告知办理渠道，不得催办或处罚。由单位发放工资的属于单位义务，不在此列；领取待遇、在校、服刑、入伍、死亡、迁出、异地参保的不列入。名册未到位的，仅凭该名册的不作判断。"
en = "A driver for ride-hailing platforms, somebody who trades on platforms, a courier without an employer, somebody registered as working flexibly, or the owner of an individual business without employees is in no pension insurance. Nobody of them is obliged: they may join the employees' pension as flexible workers, wherever they are registered, or the residents'. Inform and invite, never urge or fine. Who is paid a wage is the employer's to enroll and left out, as are pensioners, students, prisoners, soldiers, the dead, those who moved and those insured elsewhere. What only a stale list says is not decided."

[[example]]
why    = "each list by itself, and the owner of a business without employees"
today  = 2026-11-21
person = [
  { person = "Driver", birth_on = 1985-01-01 }, { person = "Trader", birth_on = 1985-01-01 },
  { person = "Courier", birth_on = 1985-01-01 }, { person = "Flexible", birth_on = 1985-01-01 },
  { person = "Owner", birth_on = 1985-01-01 }, { person = "From elsewhere", birth_on = 1985-01-01, status = "introduced" },
]
employer = [
  { employer = "Noodles", kind = "individual_business", registered_on = 2020-01-01, legal_representative = "Owner" },
  { employer = "Platform" },
]
employment = [
  { person = "Driver", employer = "Platform", kind = "driver", starts_on = 2024-01-01 },
  { person = "Trader", kind = "shop_owner", starts_on = 2024-01-01 },
  { person = "Courier", kind = "courier", starts_on = 2024-01-01 },
  { person = "Flexible", kind = "flexible", starts_on = 2024-01-01 },
  { person = "From elsewhere", kind = "driver", starts_on = 2024-01-01 },
]
finds  = ["Driver", "Trader", "Courier", "Flexible", "Owner", "From elsewhere"]

[[example]]
why    = "in any pension insurance, wherever and as whatever, or paying for it"
today  = 2026-11-21
person = [
  { person = "Flexible", birth_on = 1985-01-01 }, { person = "Resident", birth_on = 1985-01-01 },
  { person = "Employee", birth_on = 1985-01-01 }, { person = "Elsewhere", birth_on = 1985-01-01 },
  { person = "Paying", birth_on = 1985-01-01 },
]
employment = [
  { person = "Flexible", kind = "driver", starts_on = 2024-01-01 },
  { person = "Resident", kind = "driver", starts_on = 2024-01-01 },
  { person = "Employee", kind = "shop_owner", starts_on = 2024-01-01 },
  { person = "Elsewhere", kind = "driver", starts_on = 2024-01-01 },
  { person = "Paying", kind = "driver", starts_on = 2024-01-01 },
]
enrollment = [
  { person = "Flexible", contributor = "flexible", starts_on = 2020-01-01, state = "suspended" },
  { person = "Resident", insurance = "resident_pension", starts_on = 2020-01-01 },
  { person = "Employee", employer = "Shop", starts_on = 2020-01-01 },
  { person = "Elsewhere", starts_on = 2020-01-01, region = "370202" },
]
contribution = [{ person = "Paying", month = 2026-09-01 }]
finds  = []

[[example]]
why    = "paid a wage, a courier with an employer, no longer at it, a business with staff or closed: not the person to invite"
today  = 2026-11-21
person = [
  { person = "Employed", birth_on = 1985-01-01 }, { person = "Courier", birth_on = 1985-01-01 },
  { person = "Former driver", birth_on = 1985-01-01 }, { person = "Employer", birth_on = 1985-01-01 },
  { person = "Insurer", birth_on = 1985-01-01 }, { person = "Closed", birth_on = 1985-01-01 },
  { person = "Cook", birth_on = 1985-01-01 }, { person = "Boss", birth_on = 1985-01-01 },
]
employer = [
  { employer = "Noodles", kind = "individual_business", legal_representative = "Employer" },
  { employer = "Tea", kind = "individual_business", legal_representative = "Insurer" },
  { employer = "Gone", kind = "individual_business", legal_representative = "Closed", status = "cancelled" },
  { employer = "Works", legal_representative = "Boss" },
]
employment = [
  { person = "Employed", kind = "shop_owner", starts_on = 2024-01-01 },
  { person = "Courier", employer = "Works", kind = "courier", starts_on = 2024-01-01 },
  { person = "Former driver", kind = "driver", starts_on = 2020-01-01, ends_on = 2026-02-01 },
]
payroll = [
  { person = "Employed", employer = "Works", month = 2026-10-01, yuan = 4000 },
  { person = "Cook", employer = "Noodles", month = 2026-10-01, yuan = 4000 },
]
enrollment = [{ person = "Cook", employer = "Tea", insurance = "injury", starts_on = 2020-01-01 }]
finds  = []

[[example]]
why    = "too young, too old, drawing, at school, in prison, dead or moved away"
today  = 2026-11-21
person = [
  { person = "Fifteen", birth_on = 2011-01-01 }, { person = "Old", birth_on = 1960-01-01 },
  { person = "Drawing", birth_on = 1970-01-01 }, { person = "Student", birth_on = 2005-01-01 },
  { person = "Prisoner", birth_on = 1985-01-01 }, { person = "Dead", birth_on = 1985-01-01 },
  { person = "Moved", birth_on = 1985-01-01, status = "moved_out" },
]
employment = [
  { person = "Fifteen", kind = "shop_owner", starts_on = 2024-01-01 },
  { person = "Old", kind = "driver", starts_on = 2024-01-01 },
  { person = "Drawing", kind = "driver", starts_on = 2024-01-01 },
  { person = "Student", kind = "shop_owner", starts_on = 2024-01-01 },
  { person = "Prisoner", kind = "driver", starts_on = 2024-01-01 },
  { person = "Dead", kind = "driver", starts_on = 2024-01-01 },
  { person = "Moved", kind = "driver", starts_on = 2024-01-01 },
]
benefit = [{ person = "Drawing", starts_on = 2025-01-01 }]
life_event = [
  { person = "Student", kind = "studying", happened_on = 2023-09-01, ends_on = 2027-07-01, state = "in_school" },
  { person = "Prisoner", kind = "imprisoned", happened_on = 2024-01-01, ends_on = 2029-01-01 },
  { person = "Dead", kind = "death", happened_on = 2026-06-05 },
]
finds  = []

[[example]]
why     = "what only a stale list says, a woman of 52, an enrollment that ended, perhaps insured at home: not for the data to decide"
today   = 2026-11-21
missing = ["transport/ride_hailing_driver", "tax/payroll", "human_resources/insured_elsewhere"]
person  = [
  { person = "Driver", birth_on = 1985-01-01 }, { person = "Driver and trader", birth_on = 1985-01-01 },
  { person = "Woman of 52", birth_on = 1974-06-01, sex = "female" }, { person = "Went home", birth_on = 1985-01-01 },
  { person = "From elsewhere", birth_on = 1985-01-01, status = "introduced" }, { person = "Owner", birth_on = 1985-01-01 },
]
employer = [{ employer = "Noodles", kind = "individual_business", legal_representative = "Owner" }]
employment = [
  { person = "Driver", kind = "driver", starts_on = 2024-01-01 },
  { person = "Driver and trader", kind = "driver", starts_on = 2024-01-01 },
  { person = "Driver and trader", kind = "shop_owner", starts_on = 2024-01-01 },
  { person = "Woman of 52", kind = "shop_owner", starts_on = 2024-01-01 },
  { person = "Went home", kind = "shop_owner", starts_on = 2024-01-01 },
  { person = "From elsewhere", kind = "shop_owner", starts_on = 2024-01-01 },
]
enrollment = [{ person = "Went home", starts_on = 2015-01-01, ends_on = 2020-01-01, state = "ended" }]
finds   = ["Driver and trader"]
unknown = ["Driver", "Woman of 52", "Went home", "From elsewhere", "Owner"]
*/
select left_over.person_key as subject_key,
       left_over.person_key,
       left_over.area,
       left_over.region,
       case when left_over.doubt is null then 'FOUND' else 'UNKNOWN' end as verdict,
       left_over.doubt as unknown_because,
       left_over.works_as,
       left_over.months_of_age / 12 as age,
       case when :missing = '' then 'confirmed' else 'to_be_checked' end as certainty,
       nullif(:missing, '') as not_delivered,
       array_agg(distinct employment) filter (where employment.person_key is not null) as employment,
       array_agg(distinct open_employer.employer) filter (where open_employer.employer_key is not null) as employer
from (
    select aged.*,
           case
               when not aged.to_be_had
                   then 'a list that says so is not to be had: ' || aged.delivery
               when aged.months_of_age is null or aged.working_until is null
                   then 'nobody says when the person was born, or the sex'
               when aged.months_of_age > aged.working_until
                   then 'at this age the statutory retirement age depends on the post'
               when aged.months_of_age < :student_age_until * 12 and position('education/student' in :missing) > 0
                   then 'perhaps a student: education/student is not to be had'
               when aged.status = 'introduced' and position('human_resources/insured_elsewhere' in :missing) > 0
                   then 'not in the population register: perhaps insured elsewhere'
               when pension.ended
                   then 'an enrollment that ended: perhaps insured elsewhere'
           end as doubt
    from (
        select listed.person_key, listed.works_as, listed.delivery, listed.to_be_had, person.status, person.region,
               coalesce(person.area, listed.area) as area,
               months(:period) - months(person.birth_on) as months_of_age,
               scheme.working_until
               + greatest(0, least(scheme.cap, (months(person.birth_on) - months(scheme.first) + scheme.step)
                                               / scheme.step)) as working_until,
               scheme.undetermined_until
        from (
            select told.person_key, string_agg(distinct told.works_as, ', ') as works_as, min(told.area) as area,
                   max(told.delivery) as delivery, bool_or(told.to_be_had) as to_be_had
            from (
                select employment.person_key, list.kind as works_as, list.delivery, null as area,
                       position(', ' || list.delivery || ', ' in ', ' || :missing || ', ') = 0 as to_be_had
                from employment
                join (
                    values ('driver', 'transport/ride_hailing_driver'),
                           ('courier', 'transport/courier'),
                           ('shop_owner', 'commerce/shop_owner'),
                           ('flexible', 'human_resources/employment_registration')
                ) as list (kind, delivery) on list.kind = employment.kind
                where employment.starts_on < :data_until and employment.ends_on >= :data_until
                  and coalesce(employment.state, 'active') = 'active'
                  and (employment.kind <> 'courier'
                       or employment.employer_key = '00000000-0000-0000-0000-000000000000')
                union all
                select business.legal_representative_key, 'owner',
                       'market_supervision/registration, market_supervision/cancellation, tax/payroll', business.area,
                       position('market_supervision/' in :missing) + position('tax/payroll' in :missing) = 0
                from open_employer as business
                left join (
                    select wage.employer_key
                    from wage
                    join employer on employer.employer_key = wage.employer_key
                    where wage.month >= :period - interval '1 month'
                      and wage.person_key is distinct from employer.legal_representative_key
                    union
                    select employer_key
                    from enrollment
                    where state = 'active' and starts_on < :data_until and ends_on >= :data_until
                ) as staffed on staffed.employer_key = business.employer_key
                where business.kind = 'individual_business' and business.status = 'operating'
                  and business.closes_on > :today
                  and business.legal_representative_key is not null
                  and staffed.employer_key is null
            ) as told
            group by told.person_key
        ) as listed
        join person on person.person_key = listed.person_key
        left join jsonb_to_recordset(:retirement_scheme)
            as scheme (sex text, working_until integer, first date, step integer, cap integer, undetermined_until integer)
            on scheme.sex = person.sex
        where person.status in ('normal', 'introduced')
    ) as aged
    left join (
        select person_key,
               bool_or(starts_on < :data_until and ends_on >= :data_until) as insured,
               bool_or(ends_on < :data_until) as ended
        from pension_spell
        group by person_key
    ) as pension on pension.person_key = aged.person_key
    left join (
        select distinct person_key from pension_month where month >= :period - interval '2 months'
    ) as contributing on contributing.person_key = aged.person_key
    left join pensioner on pensioner.person_key = aged.person_key
    left join retiree on retiree.person_key = aged.person_key
    left join (
        select distinct person_key from absence where ends_on >= :data_until and lasting
    ) as absent on absent.person_key = aged.person_key
    -- paid a wage: the employer's to enroll
    left join (
        select distinct person_key from wage where month >= :period - interval '1 month'
    ) as employed on employed.person_key = aged.person_key
    where pension.insured is not true
      and contributing.person_key is null
      and pensioner.person_key is null
      and retiree.person_key is null
      and absent.person_key is null
      and employed.person_key is null
      and (aged.months_of_age is null or aged.months_of_age >= :working_age_from * 12)
      and (aged.months_of_age is null or aged.working_until is null
           or aged.months_of_age <= greatest(aged.working_until, aged.undetermined_until))
) as left_over
left join employment
    on employment.person_key = left_over.person_key
   and employment.kind in ('driver', 'courier', 'shop_owner', 'flexible')
left join open_employer
    on open_employer.legal_representative_key = left_over.person_key and open_employer.kind = 'individual_business'
group by left_over.person_key, left_over.area, left_over.region, left_over.doubt, left_over.works_as,
         left_over.months_of_age;
