"""The words of visits, pain and danger: ``words.py`` has how they are written, and takes them up."""

from __future__ import annotations

from typing import Final

# Numbers that a pain or a choice can have. ``signs.py`` turns "6.5" and "6-7" into 7, and "7 out of ten" keeps apart.
SMALL: Final = tuple(str(n) for n in range(11))
OF_TEN: Final = tuple(f"{n}/10" for n in range(11))
RESCUE: Final = ("911", "988", "9-1-1")
# Degrees of a high fever, in Fahrenheit and Celsius.
HIGH: Final = ("103", "104", "105", "106", "107", "40", "41", "42")
WORDS_OF_NUMBERS: Final[dict[str, int]] = {
    word: n
    for words in (
        "zero one two three four five six seven eight nine ten",
        "cero uno dos tres cuatro cinco seis siete ocho nueve diez",
    )
    for n, word in enumerate(words.split())
} | {"un": 1, "una": 1}
ORDINALS: Final[dict[str, int]] = {
    word: n
    for words in (
        "first second third fourth",
        "primera segunda tercera cuarta",
        "primero segundo tercero cuarto",
        "primer segundo tercer cuarto",
        "1st 2nd 3rd 4th",
    )
    for n, word in enumerate(words.split(), 1)
}

CARE_CLASSES: Final[dict[str, str]] = {
    # --- numbers ---------------------------------------------------------------------------------------------
    "OF_TEN": " ".join(OF_TEN),
    "SCORE": " ".join((*SMALL, *(word for word in WORDS_OF_NUMBERS if word not in ("un", "una")))),
    "TEN": "10 ten diez",
    "HIGH": " ".join(HIGH),
    "RESCUE": " ".join(RESCUE),
    "ORDINAL": " ".join(ORDINALS),
    # Hours in words: "one" is too common to be one.
    "CLOCK": """two three four five six seven eight nine ten eleven twelve noon dos tres cuatro cinco seis siete ocho
        nueve diez once doce""",
    # Kisses, lest they become an X.
    "KISSES": "xx xxx xxxx xxxxx xoxo xoxoxo xo",
    "UNIT": """day days week weeks month months year years hour hours hr hrs min mins minute minutes second seconds am
        pm oclock times time pills pill mg percent visits th st nd rd dollars people kids more dias dia semana semanas
        mes meses ano anos hora horas minuto minutos veces pastillas de""",
    # --- visits ------------------------------------------------------------------------------------------------
    "BOOKED": """appointment appointments appt appts apt apts visit visits session sessions consult consultation
        checkup slot booking reservation treatment treatments acupuncture massage""",
    "DAY": """monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thurs thur fri sat sun today
        tomorrow tonight""",
    "MONTH": "january february march april june july august september october november december",
    "PART": "morning afternoon evening noon week month day time hour date",
    "SOON": "today tomorrow tonight now then soon sorry please thanks thank",
    "CITA": "cita citas visita visitas consulta sesion sesiones turno reserva terapia",
    "DIA": """hoy manana lunes martes miercoles jueves viernes sabado domingo semana mes tarde noche dia hora fecha
        horario""",
    # --- the body ----------------------------------------------------------------------------------------------
    "PAIN": """pain pains hurt hurts hurting ache aches aching headache migraine back neck knee shoulder hip sciatica
        wrist elbow ankle foot leg arm jaw head dolor duele""",
    "CHEST": "chest breastbone sternum lung lungs",
    "ACHE": """pain pains hurt hurts hurting ache aches aching sore tight tightness tightening pressure heavy heaviness
        burning burns discomfort crushing squeezing stabbing funny weird pounding cramping cramps spasm spasms killing
        stinging throbbing painful pressing fluttering squeezed tightened""",
    "BREATHE": "breathe breath breathing breaths inhale inhaling breathes inhales exhale",
    "HARD": """hard harder difficult difficulty difficulties trouble troubles problem problems issue issues struggle
        struggling struggles fighting unable painful hurts hurting tough labored struggled""",
    "MED": """pills pill meds med medication medications medicine medicines tylenol ibuprofen advil aspirin tablets
        xanax percocet oxycodone morphine opioids painkillers benadryl acetaminophen insulin drugs capsules dose doses
        oxy ambien klonopin valium""",
    "POISON": "bleach poison antifreeze detergent cleaner pesticide chemicals gasoline battery batteries",
    "SELF": "myself himself herself themselves themself ourselves",
    "KIN": """he she husband wife mom mother dad father son daughter brother sister baby friend partner boyfriend
        girlfriend grandma grandmother grandpa grandfather uncle aunt kid child roommate neighbor ex coworker someone
        man woman mama mami mum""",
    "SWOLLEN": "swollen swelling swelled swell swells puffy puffing",
    "PASTILLAS": "pastillas pastilla medicinas medicamentos medicamento tabletas pildoras capsulas",
}

CARE_SPELLINGS: Final = """
    breathe: breth brethe breathd breeth
    breathing: breathin brething
    shortness: shortnes shorness
    chest pain: chestpain chestpains
    chest: cheast chets chst chesst
    pain: pian painn
    fainted: feinted faintd faited fainte
    faint: fainty
    bleeding: bleading bleding bleedin
    suicide: suiside suicde sucide siucide suicied suacide
    suicidal: suicidle siucidal suicdal sucidal suisidal sucidial
    unconscious: unconcious unconsious unconscience uncontious
    overdose: overdoes
    overdosed: od'd o'd
    dying: diying dieing
    seizure: siezure seziure seizer
    emergency: emergancy emergeny emrgency
    ambulance: ambulence
    swollen: swolen
    i will: i'll
    we will: we'll
    he will: he'll
    she will: she'll
    they will: they'll
    it will: it'll
    they would: theyd
    reschedule: resched reschedual reshedule rescedule rescheduel reschdule reschedul reskedule reschedle resceduled
    rescheduled: resheduled
    confirm: comfirm confrim conferm confim cofirm confrm confirme
    confirmed: confirmd comfirmed confrimed cnfirmed
    confirming: comfirming confriming
    cancel: cancle canecl cancl cansel cancell canel
    cancelling: canceling
    cancelled: canceled
    appointment: appointement appoinment appintment
    late: latee lte
    running: runing runnning rnning runnin
    running late: runninglate
    tomorrow: tmrw tmr tmw tomorow tommorow tommorrow tomorro 2moro 2morrow
    see you: cya seeya cu
    on my way: omw
    about: abt
    tuesday: tues
    desmaye: desmalle
    """
