"""Asking for the end of messages in Spanish. See ``opt_out_english`` for how to read the lines."""

from __future__ import annotations

from typing import Final

from engage.domain.replies.reading import DIRECT, INDIRECT, NEARLY_OFFICIAL
from engage.domain.replies.rules import Rule

DIRECTLY: Final = (
    Rule(
        "Says STOP in Spanish, as a sentence of its own.",
        NEARLY_OFFICIAL,
        """
        < POLITE{0,4} (parar|pare|paren|para|detener|detenga|detengan|detengase|alto|cancelar suscripcion|baja|desuscribir|desuscribirme|detente) POLITE{0,4} (>>|(?=SEP))
        < POLITE{0,4} no mas POLITE{0,4} >
        """,
    ),
    Rule(
        "Asks us in Spanish to stop writing.",
        DIRECT,
        """
        (?<!puedo)(?<!puede) DEJE POLITE{0,2} (de)? (estar|seguir|me)? (ESCRIBIR|mandar|enviar)
        DEJE POLITE{0,2} (con|de|ya|de ESCRIBIR) (EL|FILL){0,3} UNKNOWN? MENSAJES
        (pare|paren|para|parad|parar|cese|cesen|cesar|eviten|evitar|detenga|detengan) POLITE{0,2} (con|de)? (ESCRIBIR)? (EL|FILL){1,3} UNKNOWN? MENSAJES
        (no|ya no|nunca|ni) (?:(?!(VISIT|cita|llego|recibi|tengo|llega))_){0,4} (ESCRIBAN|ESCRIBIR) (?:(?!cita)_){0,2} MENSAJES
        (quiten|quite|saquen|saque|borren|borre|eliminen|elimine|quitar|borrar|eliminar|sacar) (?:(?!cita)_){0,4} (lista|MENSAJES|contactos)
        (dejen|dejar|deje|parar|paren|pare) de (?:(?!(doler|cita))_){0,2} (MENSAJES|ESCRIBIR)
        no quiero (saber|oir|volver a saber|volver a oir) (mas)? (nada)? (mas)? (de) (ustedes|su|sus|esta|la clinica|usted)
        DEJE ya de ESCRIBIR
        (<|ya|favor) no (me)? (escriban|escriba|escribas|manden|mande|mandes|envien|envie|envies|molesten|moleste|molestes|texteen|textee|textees|contacten|contacte|contactes) (mas|nada|nada mas|ya)? (>|por favor|gracias)
        < POLITE{0,2} (ya)? no quiero (mas|nada|nada de ustedes|nada mas|saber mas) (>|por favor|gracias|de ustedes)
        no (me interesa|quisiera|me gustaria) (recibir|seguir recibiendo) (EL){0,3} (MENSAJES|>)
        no me (lleguen|llegue|llegan|esten llegando) (mas)? EL{0,3} MENSAJES
        no (volver a|seguir|mas)? (escribirme|mandarme|enviarme|molestarme|llamarme|contactarme|textearme|fastidiarme|acosarme|escribirnos|mandarnos|contactarnos|enviarnos|mensajearme|notificarme)
        (pueden|puede|podria|podrian|quiero que|quisiera que|necesito que) (por favor)? (dejar|dejen|deje|parar|paren|pare|para|parar) (de)? (ESCRIBIR|EL){1,2}
        (?<!si) (no|nunca|ya no|jamas|tampoco) (por favor|ya|me|nos|mas|vuelva a|vuelvan a|vuelvas a|sigan|siga|sigas|le|les|quiero que){1,4} (ESCRIBAN|ESCRIBIR|mandando|enviando|escribiendo|llamando|molestando|texteando)(?! (la|una|el|al|a mi|a la) (factura|receta|cuenta|esposo|esposa|trabajo|formulario|cita))
        (no|nunca|ya no) (mandar|enviar|escribir|mandes|manden|mande|envien|envie|enviar) (me)? (EL|PLEASE){0,3} MENSAJES
        (no|ya no|nunca) (quiero|deseo|quisiera|queremos|necesito|acepto|autorizo|quiero que|deseo que) (que)? (me|nos|se|te|ustedes)? (recibir|seguir recibiendo|tener|ver|que|me|nos|sigan|ESCRIBAN|ESCRIBIR|saber de|ni un|ni|EL|contacto|comuniquen){0,6} UNKNOWN? (MENSAJES|ESCRIBAN|escribiendo|mandando|enviando|saber de ustedes|contacto|molestando|llamando|texteando)
        (no|ya no) (QUIERO|quiero) (recibir|seguir recibiendo)? (EL){0,3} (informacion|info|publicidad|noticias|contacto) (>|de ustedes|POLITE)
        (no|ya no) (QUIERO|quiero) (recibir|seguir recibiendo) (nada|esto|mas|estos|>)
        (no|ya no|ni) (mas|un|quiero|PLEASE|un solo|mandes){1,2} (de)? (EL|PLEASE){0,3} MENSAJES
        (no mas|basta de|basta con|ya basta de|ya basta con|alto a|stop a|fin a|cero) (de)? (EL){0,3} (MENSAJES|ESCRIBIR)
        (cancelar|cancele|cancelen|cancela|cancelame|cancelenme|detener|detenga|detengan|parar|pare|paren|suspender|suspendan|suspenda|stop|desactivar|desactiven|desactive|apaguen|terminar|terminen|quitar|quiten|eliminar|cancelacion de|dejen) (me)? (EL|PLEASE|sms|de){0,4} (MENSAJES|suscripcion|subscripcion|suscripciones)(?! (de|para) (mi|la) (cita|visita|consulta))
        """,
    ),
    Rule(
        "Asks in Spanish to be taken off the list.",
        DIRECT,
        """
        < POLITE{0,3} baja (de|en) EL{0,2} LISTA
        (me|nos) (dan|da|den|de|das|puede dar|pueden dar|podrian dar) (por favor)? de baja
        me (quiero|gustaria|quisiera|deseo) (borrar|salir|quitar|dar de baja|desuscribir|eliminar) (>|de EL{0,2} (LISTA|MENSAJES)|por favor|SEP|ya|de (aqui|esto))
        QUITENME POLITE{0,3} (>|de (EL){0,3} (LISTA|MENSAJES|aqui|aca|ahi|todo)|ya|y|SEP|MENSAJES|EL MENSAJES)
        QUITEN (EL|este|PLEASE){0,3} (MI_NUMERO|numero de telefono|numero de celular)
        QUITEN (mis datos|mi informacion|mi contacto|mi info) (de) (EL){0,2} LISTA
        me (quiten|saquen|borren|eliminen|quite|saque|borre|elimine|retiren|remuevan|den de baja|de de baja|desuscriban|pueden quitar|pueden sacar|puede quitar|puede borrar|pueden borrar|pueden eliminar) (POLITE)? (de|>|PLEASE|ya)
        (quiero|quisiera|deseo|necesito|me gustaria|como puedo|como hago para|como) (que me|salir|salirme|salir me|quitarme|borrarme|me salgo|me quito|sacarme|dejar|borrar mi|eliminar mi)(?! la) (de|del|numero|quiten|saquen|borren|eliminen) (EL){0,2} (LISTA|MENSAJES|MI_NUMERO|esto|aqui|de|>)
        (denme|deme|dame|darme|dar|darnos|denos|dese|doy|solicito|pido|quiero|quisiera|deseo|necesito) (me|mi|la|el|este numero|a mi numero)? (dar|darme|de)? de baja (>|PLEASE|por favor|de (EL){0,3} (LISTA|MENSAJES|servicio|esto|>)|SEP|del (servicio|sistema|registro|LISTA|MENSAJES)|este|mi numero|y|ya)
        (pido|solicito|quiero|quisiera|deseo|necesito) (EL)? baja (>|PLEASE|por favor|de (EL){0,2} (MENSAJES|LISTA)|SEP)
        (olviden|olvide|olviden se de|olvidense de|pierdan|pierda) (EL){1,2} MI_NUMERO
        """,
    ),
    Rule(
        "Asks in Spanish to be left alone, or takes back consent.",
        DIRECT,
        """
        (dejenme|dejeme|dejame|dejen me|deje me|me dejan|me dejen|me deje|me dejas|dejennos|dejarme) (POLITE|ya|de una vez|por favor){0,3} (en paz|tranquilo|tranquila|quieta|quieto|de molestar|de ESCRIBIR|solo|sola)
        (revoco|retiro|cancelo|anulo|revocar|retirar) (EL)? (consentimiento|permiso|autorizacion)
        no (doy|autorizo|tienen|tiene|di|consiento|les autorizo|les doy|tienes) (EL|a)? (consentimiento|permiso|autorizacion|que me|recibir|a que me)
        """,
    ),
    Rule(
        "Asks in Spanish how to stop the messages, or says that they asked before.",
        INDIRECT,
        """
        como (cancelo|paro|detengo|puedo (cancelar|parar|detener|quitar|dejar de recibir)|hago para (cancelar|parar|detener|no recibir|dejar de recibir|que no me)|dejo de recibir|quito|desactivo|me desuscribo|se cancela|me doy de baja) (EL){0,3} (MENSAJES|suscripcion|>|ESCRIBAN|esto)
        (ya)? (les|le) (dije|pedi|he dicho|escribi|mande) (que|ya|stop|mil|no){1,3} (paren|pararan|stop|dejaran|dejen|me|mas|pare|no|veces){1,3}
        (quiero|quisiera|deseo|necesito|me gustaria) (dejar de|parar de|no) (recibir|seguir recibiendo) (EL){0,3} (MENSAJES|esto|>|estos)
        """,
    ),
)
