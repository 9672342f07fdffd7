"""Words of danger in Spanish. See ``danger_english``."""

from __future__ import annotations

from typing import Final

from engage.domain.replies.reading import DIRECT, INDIRECT
from engage.domain.replies.rules import Rule

BODY: Final = (
    Rule(
        "May be in danger, in Spanish: speaks of the chest, the breath or the heart.",
        DIRECT,
        """
        (dolor|duele|dolores|presion|opresion|ardor|punzada|punzadas|apretado|apretada|molestia|puntadas|pesadez|apreton|dolia|dolio|peso) (SEP|_){0,5} (pecho|torax)
        pecho (SEP|_){0,4} (dolor|duele|apretado|aprieta|presion|oprimido|pesado|cerrado|arde|raro|punzadas|me duele)
        (no|casi no|apenas) (puedo|puede|podia|podemos|logro|pudo) (casi|bien|ni)? respirar
        (no|apenas) (respira|respiro|respiraba) (>|bien|casi|nada|y)
        no esta respirando
        dejo de respirar
        (cuesta|costando|cuesta mucho|dificil|dificultad|problemas|trabajo|dificultades|duele|batallo|batallando) _{0,3} (respirar|respiro|respiracion|inhalar)
        (duele|dolor) _{0,3} (respirar|respiro|inhalar)
        (falta|faltando|sin|quedo sin|falto|faltaba) (de|el|la|un poco el|mucho el|poco el)? (aire|respiracion|aliento)
        (me|se) (estoy|esta|siento que me|que me){0,2} (ahogo|ahogando|asfixio|asfixiando|ahoga|asfixia|atraganto|atragante|atragantando|atraganta)
        (labios|cara|manos|dedos|unas) _{0,3} (morados|morada|moradas|azules|azul|azulados)
        se (esta poniendo|puso|pone) (morado|morada|azul)
        (infarto|infartos|paro cardiaco|angina|asfixia|asfixiandose)
        dolor (toracico|pectoral)
        (aplasta|aplastan|aplastamiento|aprieta|oprime|aprietan|oprimen) (SEP|_){0,3} pecho
        (no (puedo|logro|puede)|cuesta|cuesta mucho|dificil) (tomar|coger|agarrar|jalar|meter|pasar|agarro|cojo) (el)? aire
        va el (aire|aliento)
        no (me|le) (entra|llega|pasa) (el)? aire
        << (POLITE|SEP|mucho|tengo|siento){0,3} (ahogo|disnea|asfixia)
        (tengo|siento|con|mucho) (ahogo|disnea)
        (crisis|ataque|ataques) (convulsivo|convulsivos|asmatica|asmatico|de asma|epileptica|epileptico|convulsiva|de epilepsia)
        ataque (cardiaco|al corazon|de corazon|al)
        (palpitaciones|taquicardia)
        (duele|dolor|dolores) (SEP|_){0,3} corazon
        corazon (SEP|_){0,5} (acelerado|rapido|duele|agitado|fuerte|irregular|acelera)
        corazon se me acelera
        (pulmon|pulmones) (SEP|_){0,3} (colapsado|perforado|colapso|perforo|perforaron)
        neumotorax
        (dolor|adormecido|hormigueo) (SEP|_){0,4} brazo izquierdo
        """,
    ),
    Rule(
        "May be in danger, in Spanish: speaks of fainting, a seizure or a stroke.",
        DIRECT,
        """
        (sincope|desvanezco|convulsione|acv|desmaye|desmayo|desmayar|desmayando|desmayada|desmayado|desmayarme|desmayarse|desmaya|desmayos|desvaneci|desvanecio|desmayamos)
        (perdi|perdio|perdiendo|pierdo|perder|perdido|pierde) (el|la)? (conocimiento|conciencia|consciencia|sentido)
        (inconsciente|inconciente)
        no (se)? (despierta|reacciona|despertaba)
        (KIN|NAME|<<|esposo|esposa|mama|papa|hijo|hija|el|ella) no (me)? responde >
        (colapso|colapse|colapsando)
        (nublo|nubla|nublada|oscurecio) (la|mi)? (vista|todo)
        (convulsion|convulsiones|convulsionando|convulsiono|convulsiona|convulsionar)
        (mareada|mareado|mareo|mareos) (SEP|_){0,5} (pecho|parar|pararme|caer|caigo|desmayo|levantarme|corazon|caminar|levantar)
        (derrame|derrames|embolia|apoplejia) (cerebral)?
        (cara|boca|rostro) (SEP|esta|se me|tengo|toda){0,2} (caida|chueca|torcida|paralizada|dormida|adormecida|desviada)
        (cayo|cae|tuerce|torcio|chueco|paralizo|colgo) (la|media|mi) (cara|boca)
        (durmio|dormido|siento|adormecido|mover) medio cuerpo
        (media|mitad|lado|parte) (SEP|_){0,5} (dormido|dormida|adormecido|adormecida|entumecido|entumecida|paralizado|paralizada|debil|caido)
        (adormecido|adormecida|dormido|dormida|durmio|entumecido|entumecida|durmiendo|adormecio|entumecio|paralizo|paralizado|debilidad) (SEP|_){0,3} (lado|mitad|media|brazo izquierdo|cara)
        brazo (izquierdo|derecho) (esta|se me|lo tengo|muy)? (dormido|adormecido|entumecido|debil|durmio)
        no (siento|puedo sentir|puedo mover|muevo|puede mover|mueve|siente) (bien)? (el|la|las|los|mi|mis|un|una|medio|media|su|sus){0,2} (brazo|brazos|pierna|piernas|cara|lado|mano|manos|cuerpo|pies|pie|boca)
        no (puedo|puede|podia|podido) hablar (bien|claro|normal)
        (palabras|palabra) (SEP|_){0,2} (salen|salir|sale) (mal|raras|raro|trabadas)
        no (me|le) (salen|sale) las palabras
        (dificultad|problemas|trabajo|dificultades) (para|al|de) hablar
        (perdida|perdidas) de (la)? (conciencia|conocimiento|consciencia)
        (paralisis|paralizado|paralizada)
        (rigidez|rigido|tieso|duro) (SEP|_){0,2} (nuca)
        rigidez (SEP|_){0,2} cuello
        confusion (severa|repentina|de repente)
        exploto la cabeza
        (habla|hablo|hablando) (SEP|_){0,2} (enredada|enredado|raro|arrastrando|arrastra)
        (arrastra|arrastro|arrastrando) las palabras
        traba la lengua
        (confundido|confundida|desorientado|desorientada) (de repente|de pronto)
        (perdi|perdio|perdiendo) (la)? (vista|vision)
        no (veo|puedo ver|ve) (nada|bien)? (de|por|con) (un|el) ojo
        (vision|vista) (doble|borrosa)
        (peor|terrible|repentino) (SEP|_){0,3} dolor de cabeza
        dolor de cabeza (SEP|_){0,4} (de golpe|subito|repentino|de repente|mi vida|cuello rigido|vomito)
        (golpee|golpeo|pegue|pego) (en)? (la)? (cabeza)
        """,
    ),
    Rule(
        "May be in danger, in Spanish: speaks of an allergic reaction, bleeding, pregnancy or infection.",
        DIRECT,
        """
        garganta (SEP|_){0,3} (cierra|cerrada|cerrando|hinchada|apretada|hincha|hinchando|cerro)
        (cierra|cerrando|hincha|hinchando|cerro|hincho|cierre) (SEP|_){0,2} garganta
        (hincha|hinchan|hincho|hincharon|hinchado|hinchada|hinchados|hinchando|inflamo|inflamando|hinchadas|inflamaron) (SEP|_){0,2} (cara|lengua|labios|ojos|boca|labio|cuello)
        (cara|lengua|labios|ojos|boca|labio) (SEP|_){0,2} (hinchada|hinchados|hinchado|hinchadas|hinchandose|inflamada|inflamados|hinchando|hincha|hinchan)
        (reaccion|reacciones) (alergica|alergicas|muy fuerte|fuerte)
        (anafilaxia|anafilactico|epipen)
        (ronchas|urticaria) (SEP|_){0,2} (todo|cuerpo|cara|cuello)
        no (puedo|puede) tragar
        (dificultad|cuesta|problemas|trabajo) (mucho|para|al){0,2} tragar
        (hinchazon|inflamacion) (en|de) (la|los|mi|mis|el){0,2} (lengua|cara|labios|garganta|ojos)
        (cierro|cerrandose|cierran|cerrandoseme) (SEP|_){0,3} garganta
        garganta (SEP|_){0,3} cerrandose
        (desangrando|desangro|desangra|desangrandome)
        sangre (SEP|_){0,2} (chorros|sin parar|por todos lados|por todas partes)
        (chorro|chorros) de sangre
        sangrado (rectal|nasal continuo|interno|incontrolable|intenso|profuso)
        (heces|popo|excremento) negras
        (sangrando|sangro|sangra|sangrar|sangre) (muchisimo|mucho|bastante|demasiado|sin parar|por todos|por todas)
        (sangrando|sangro) (>|por|de|y)
        (mucho|mucha|demasiada|demasiado|abundante|bastante|muchisima|tanta) (sangrado|sangre|hemorragia)
        (hemorragia|sangrado abundante|sangrado fuerte|sangrado vaginal)
        (no|sin) (para|deja|parar|dejar|paro|se detiene|se me para|ha parado|puedo parar|paramos) (de|el|la)? (sangrar|sangrado|sangre|hemorragia|sangrando)
        (sangrado|sangre|hemorragia) no (se)? (para|me para|detiene|ha parado|deja|cede|quiere parar|se quita)
        sigue (sangrando|saliendo sangre)
        (sangrado|sangre|hemorragia) que no (se)? (para|corta|detiene|cede|quita)
        perdidas (de sangre)? (en|durante) (el|mi) embarazo
        (toso|tose|tosiendo|vomito|vomita|vomitando|vomite|escupo|escupiendo|orino|orinando|evacuo|escupe) (con)? sangre
        sangre (en|con) (la|las|el|mi|mis)? (orina|heces|vomito|popo|excremento|saliva|flema|pipi|escusado)
        (embarazada|embarazo) (_|SEP){0,8} (sangrado|sangrando|sangro|sangre|sangra|contracciones|colicos|manchado|manchando|dolores)
        (sangrado|sangrando|sangro|sangre|manchado) (_|SEP){0,6} (embarazo|embarazada)
        contracciones
        bebe (SEP|_){0,2} (mueve|moviendo) (menos|muy poco|poco)
        dolores de parto
        rompio (la)? (fuente|bolsa)
        (aborto (espontaneo)?|perdiendo al bebe|perdiendo el bebe)
        bebe (SEP|_){0,2} no se (mueve|ha movido|movio)
        no (siento|he sentido) (al|que el|mover al|moverse al) bebe
        (rojo|roja|rojiza|enrojecido|enrojecida|colorado|rojos|rojas) (SEP|_){0,4} (caliente|calientes|hinchado|hinchada|pus|fiebre)
        (caliente|hinchado|hinchada|calientes) (SEP|_){0,3} (rojo|roja|enrojecido|enrojecida)
        (lineas|linea|rayas|raya) (rojas|roja)
        (infectado|infectada|infectados|infecto|infectando)
        << (tengo|tiene|creo que tengo|es|una|parece|creo que es){0,2} infeccion
        infeccion (en|donde|de la aguja|por la aguja|de las agujas)
        pus
        fiebre (SEP|_){0,6} (roja|rojo|mancha|caliente|escalofrios|hinchado|hinchada|aguja|agujas|cuello|confundido|alta|HIGH)
        (mancha|escalofrios|hinchado|hinchada|aguja|agujas) (SEP|_){0,5} fiebre
        (fiebre|temperatura) (de|es de|tengo|a|en|arriba de|mas de|muy)? (HIGH|alta|altisima)
        HIGH (grados)? (de)? (fiebre|temperatura)
        (septicemia|sepsis)
        (no (puedo|puede) (orinar|controlar (la)? (orina|vejiga|esfinter)|aguantar la orina))
        (aguja|agujas) (SEP|_){0,3} (adentro|dentro|rota|clavada|rompio|quebro|quedo|olvidada)
        (dejaron|dejo|quedo|olvidaron) (SEP|_){0,2} aguja
        (coagulo|coagulos|trombosis)
        """,
    ),
)

HARM: Final = (
    Rule(
        "May be in danger, in Spanish: speaks of dying or of harming themselves.",
        DIRECT,
        """
        (suicidio|suicidarme|suicidar|suicida|suicidas|suicidarse|suicido|suicidare|suicidando)
        (me|se|te) (quiero|quiere|voy a|va a|deseo|quisiera|pienso|intento|quise|intente|trato de){1,2} (matar|ahorcar|morir|lastimar|cortar|hacer dano|disparar|quitar la vida|ahogar)
        (quiero|quiere|voy a|va a|quisiera|pienso|deseo|intento|intente|pensando en|ganas de|pienso en|iba a|planeo|prefiero) (matarme|morirme|matarse|ahorcarme|cortarme|lastimarme|dispararme|hacerme dano|morir|morirse|envenenarme|desaparecer|ahogarme|tirarme)
        << (POLITE|SEP){0,2} (matarme|morirme|ahorcarme|lastimarme|hacerme dano|morir) >
        (me|siento que me|se) (estoy|esta)? (muriendo)
        (siento|creo) que me (muero|voy a morir)
        << (POLITE|SEP|ayuda|auxilio){0,3} me muero >
        me voy a morir
        ojala (me|se|no|nunca|que me){0,2} (muera|muriera|despierte|despertara|hubiera nacido)
        (quisiera|quiero|mejor|deberia|deseo|preferiria) (estar|estuviera|estaria)? (muerto|muerta)
        prefiero (morir|morirme|estar)
        (no|ya no|tampoco) (quiero|deseo|quisiera) (yo)? (vivir|seguir viviendo|estar viva|estar vivo|existir|despertar|seguir (>|asi|mas|adelante|aqui)|estar aqui|estar en este mundo|despertarme (>|mas|nunca|nunca mas))
        no (vale|tiene sentido|merece) (la pena|nada|la)? (vivir|la vida|seguir|seguir viviendo|mi vida|nada)
        (no|sin|perdi|perdido) (tengo|hay|las|encuentro|le veo)? (las)? (ganas|razon|razones|motivo|motivos|sentido) (de|para|a) (vivir|seguir|la vida|seguir viviendo)
        (cansada|cansado|harta|harto) de (vivir|la vida|mi vida|todo (>|y)|esta vida)
        (no|ya no) (aguanto|soporto) (mas|esta vida|la vida|vivir) (>|SEP|y|asi|quiero|esta)
        (<|ya|dios|pero) no (puedo|aguanto|doy) mas (>|con (mi|la|esta) vida|con esto|asi)
        (quitarme|quitarse|quitar|quito|quita|quite|acabar con|terminar con|acabo con|acabar|terminar) (la|mi|su|con mi|con su|con la) vida
        (acabar|terminar) con (todo|mi vida|esto de una vez)
        (estarian|estaria|estaran|vivirian) (todos|mucho)? mejor sin mi
        (hacerme|hago|hacerse|haciendome|hace) dano (>|a mi|a si|SEP|y|yo|con)
        (cortarme|corte|corto|cortando|cortarse|cortandome|corta) (las|los|mis) (venas|munecas|brazos|piernas)
        (pegarme|darme|dar|pego|dispararme) (un)? (tiro|balazo)
        (ahorcarme|ahorcarse|autolesion|autolesiones)
        (tirarme|aventarme|saltar|lanzarme|tirar|brincar) (de|del|por|desde|al|a|la|las|un|el){1,2} (puente|balcon|ventana|techo|edificio|tren|vias|carro|metro)
        (nadie|a nadie) (me)? (extranaria|extranara|le importaria|le importo)
        odio mi vida
        (dejar de|no quiero|quiero no) existir
        vida (ya)? no tiene (ya|ningun)? sentido
        no (le)? (encuentro|veo|hallo) (ya|ningun)? sentido (a|de|en) (nada|vivir|la vida|mi vida|seguir)
        para (morir|morirme|matarme|suicidarme|dormir para siempre)
        (corto|corte|lastimo|lastime|golpeo|quemo|hago dano) (SEP|_){0,2} a proposito
        me hago (cortes|dano|heridas)
        me corto (cuando|otra vez|para)
        (quisiera|ojala|quiero|preferiria|espero) (ya)? no (despertar|despertarme|haber nacido|existir|estar)
        (autolesiono|autolesionarme|autolesionarse|autolesiona|autolesionando)
        ganas de (morir|morirme|matarme|desaparecer)
        (desaparecer|dormir) para siempre
        adios para siempre
        """,
    ),
    Rule(
        "May be in danger, in Spanish: speaks of an overdose, of violence or of calling for help.",
        INDIRECT,
        """
        (sobredosis|envenenado|envenenada|veneno|enveneno)
        (tome|tomo|trague|trago|tomado|ingeri|comio|comi) (todas|muchas|demasiadas|un monton|un frasco|todo el frasco|un bote|muchisimas|BIG|todo el bote|una caja|varias) (de|las|mis|sus|un){0,3} PASTILLAS
        (frasco|bote|botella|caja|monton) (entero|entera|completo|lleno)? de PASTILLAS
        (demasiadas|muchas) PASTILLAS
        (pase|paso) de (la)? dosis
        (intoxicacion|intoxique|intoxico|intoxicado|intoxicada|envenenamiento)
        (tome|tomo|trague|bebi|bebio) (un|mucho|de)? (cloro|blanqueador|veneno|lejia|lavandina|raticida)
        (me|nos|lo|la) (pega|golpea|pego|golpeo|esta pegando|esta golpeando|viola|violo|violaron|ahorca|estrangula|maltrata|abusa|golpean|amenaza|amenazo)
        (abusa de mi|abusan de mi|abusaron de mi|abuso de mi|abuso sexual|violencia (domestica|familiar|intrafamiliar)|me maltratan|tengo miedo de mi (esposo|pareja|novio|marido))
        me (quiere|va a|van a|quieren|dijo que me va a|puede|intento) matar
        (lo|la|los|las) (voy a|quiero) matar
        (voy a|quiero) (matarlo|matarla|matar a|matarlos)
        << (POLITE|SEP|es|una|medica|tengo|hay|ayuda|tenemos|esto es){0,5} emergencia (POLITE|SEP|medica|ayuda|aqui|llamen|por favor){0,4} >>
        (es|tengo|hay|tenemos) una emergencia (>|medica|y|con|SEP|por favor)
        emergencia medica
        (llame|llamen|llama|llamar|llamo|llamando|necesito|manden|mande|pidan|pida|quiero|hablen|hable|marquen|marque|pedir) (a|al|una|un|la|por|por favor|de){0,3} (RESCUE|ambulancia|paramedicos|emergencias)
        << (POLITE|SEP|una|ayuda){0,3} (ambulancia|auxilio|socorro) (POLITE|SEP|ayuda){0,3} >>
        (auxilio|socorro) (SEP|POLITE|me|mi|no|es|ayuda)
        (voy|ir|vamos|llevarlo|llevarla|llevaron|llevo|llevar|voy para|camino|debo ir|llevan|llevando) (a|al|para|en|de|el|la){1,3} (urgencias|emergencias|hospital|sala de emergencias|sala de urgencias)
        vida o muerte
        """,
    ),
)
